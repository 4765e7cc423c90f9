import type { StepOp, ValueId } from '../../model/plan/step-op.js';
import type { Arithmetic } from './arithmetic.js';
import type { Register } from './register.js';

/** Steps one operation: works where all of its inputs are fresh, and tells whether its outputs are. */
export type StepOperation = (state: Float32Array, lane: number) => void;

export function stepOperation(
  op: StepOp,
  register: (value: ValueId) => Register,
  workOf: Arithmetic['workOf'],
): StepOperation {
  const inputs = inputsOf(op).map(register);
  const outputs = outputsOf(op).map(register);
  const work = workOf(op, (value) => register(value).values);
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
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
    case 'globalPool':
      return op.mask === null ? [op.input] : [op.input, op.mask];
    default:
      return [op.input];
  }
}

/** All values that an operation writes. */
export function outputsOf(op: StepOp): readonly ValueId[] {
  return op.kind === 'mask' ? [op.output, op.mask] : [op.output];
}

/** The register of a mask, where there is one. */
export function maskOf(
  mask: ValueId | null,
  values: (value: ValueId) => Float64Array,
): Float64Array | null {
  return mask === null ? null : values(mask);
}
