import type { StepOp, ValueId } from '../../model/plan/step-op.js';
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

/** All values that an operation reads. */
export function inputsOf(op: StepOp): readonly ValueId[] {
  switch (op.kind) {
    case 'merge':
    case 'concatenate':
      return op.inputs;
    case 'matMul':
      return [op.input, op.right];
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
    case 'globalPool':
      return op.mask === null ? [op.input] : [op.input, op.mask];
    case 'dense':
    case 'timeDense':
    case 'activation':
    case 'affine':
    case 'prelu':
    case 'layerNorm':
    case 'mask':
    case 'conv':
    case 'pool':
    case 'skip':
    case 'gather':
    case 'reduce':
      return [op.input];
  }
}

/** All values that an operation writes. */
export function outputsOf(op: StepOp): readonly ValueId[] {
  switch (op.kind) {
    case 'mask':
      return [op.output, op.mask];
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
    case 'dense':
    case 'timeDense':
    case 'activation':
    case 'affine':
    case 'prelu':
    case 'layerNorm':
    case 'merge':
    case 'concatenate':
    case 'conv':
    case 'pool':
    case 'globalPool':
    case 'skip':
    case 'gather':
    case 'reduce':
    case 'matMul':
      return [op.output];
  }
}

/** The memory of a mask, or null where nothing is masked. */
export function maskOf(
  mask: ValueId | null,
  values: (value: ValueId) => Float64Array,
): Float64Array | null {
  return mask === null ? null : values(mask);
}
