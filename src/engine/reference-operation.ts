import type { StepOp, ValueId } from '../model/step-op.js';
import type { Arithmetic } from './arithmetic.js';
import { denseWork, timeDenseWork } from './reference-dense.js';
import { globalPoolWork } from './reference-global-pool.js';
import {
  activationWork,
  affineWork,
  concatenateWork,
  layerNormWork,
  maskWork,
  mergeWork,
  preluWork,
} from './reference-pointwise.js';
import { gruWork, lstmWork, simpleRnnWork } from './reference-recurrent.js';
import type { Register, StepWork } from './reference-register.js';
import { convWork, poolWork, skipWork } from './reference-span.js';

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
    for (const input of inputs) fresh &&= input.fresh;
    fresh &&= work(state, lane);
    for (const output of outputs) output.fresh = fresh;
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

/** The work of an operation in float64. */
export function referenceWork(op: StepOp, values: (value: ValueId) => Float64Array): StepWork {
  const x = values(op.input);
  const y = values(op.output);
  switch (op.kind) {
    case 'lstm':
      return lstmWork(op, { x, mask: maskOf(op.mask, values), h: y });
    case 'gru':
      return gruWork(op, { x, mask: maskOf(op.mask, values), h: y });
    case 'simpleRnn':
      return simpleRnnWork(op, { x, mask: maskOf(op.mask, values), h: y });
    case 'dense':
      return denseWork(op, x, y);
    case 'timeDense':
      return timeDenseWork(op, x, y);
    case 'activation':
      return activationWork(op, x, y);
    case 'affine':
      return affineWork(op, x, y);
    case 'prelu':
      return preluWork(op, x, y);
    case 'layerNorm':
      return layerNormWork(op, x, y);
    case 'mask':
      return maskWork(op, x, y, values(op.mask));
    case 'merge':
      return mergeWork(op, op.inputs.map(values), y);
    case 'concatenate':
      return concatenateWork(op.inputs.map(values), y);
    case 'conv':
      return convWork(op, x, y);
    case 'pool':
      return poolWork(op, x, y);
    case 'globalPool':
      return globalPoolWork(op, x, maskOf(op.mask, values), y);
    case 'skip':
      return skipWork(op, x, y);
  }
}

/** The register of a mask, where there is one. */
export function maskOf(
  mask: ValueId | null,
  values: (value: ValueId) => Float64Array,
): Float64Array | null {
  return mask === null ? null : values(mask);
}
