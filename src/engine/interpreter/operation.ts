import { inputsOf, outputsOf, type StepOp, type ValueId } from '../../model/plan/step-op.js';
import type { Arithmetic } from './arithmetic.js';
import type { ValueBuffer } from './value-buffer.js';

/** Steps one operation: runs it where all of its inputs are fresh, and notes whether its outputs are. */
export type StepOperation = (state: Float32Array, lane: number) => void;

/** @param buffer gives the memory of a value, the same at each call */
export function stepOperation(
  op: StepOp,
  buffer: (value: ValueId) => ValueBuffer,
  workOf: Arithmetic['workOf'],
): StepOperation {
  const inputs = inputsOf(op).map(buffer);
  const outputs = outputsOf(op).map(buffer);
  const work = workOf(op, (value) => buffer(value).values);
  return (state, lane) => {
    let fresh = true;
    for (const input of inputs) {
      fresh &&= input.fresh;
    }
    fresh &&= work(state, lane);
    for (const output of outputs) {
      output.fresh = fresh;
    }
  };
}

/** The memory of a mask, or null where nothing is masked. */
export function maskOf(
  mask: ValueId | null,
  values: (value: ValueId) => Float64Array,
): Float64Array | null {
  return mask === null ? null : values(mask);
}
