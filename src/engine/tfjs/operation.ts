import type { GruOp, LstmOp, SimpleRnnOp, StepOp, ValueId } from '../../model/plan/step-op.js';
import { referenceWork } from '../reference/operation.js';
import { maskOf } from '../interpreter/operation.js';
import type { StepWork } from '../interpreter/step-work.js';
import type { TensorFlow } from './tensorflow.js';
import { denseWork, timeDenseWork } from './dense.js';
import { activationWork, affineWork, layerNormWork, mergeWork, preluWork } from './pointwise.js';
import { matMulWork, reduceWork } from './arrangement.js';
import { gruWork, lstmWork, simpleRnnWork } from './recurrent.js';
import { convWork, globalPoolWork, poolWork } from './span.js';

/** A cell with parts that few models have is the reference engine's, whose arithmetic is TensorFlow's in more bits. */
function isPlain(op: LstmOp | GruOp | SimpleRnnOp): boolean {
  return (
    op.clip === undefined &&
    (op.kind !== 'lstm' ||
      (op.peepholes === undefined && op.stateActivation === undefined && op.isCoupled !== true))
  );
}

/**
 * The work of an operation in TensorFlow; its weights become tensors once, here. Operations that
 * only move or compare floats (masks, concatenations, crops) are those of the reference engine.
 */
export function tfjsWork(
  tf: TensorFlow,
  op: StepOp,
  values: (value: ValueId) => Float64Array,
): StepWork {
  const x = values(op.input);
  const y = values(op.output);
  if ('recurrentKernel' in op && !isPlain(op)) {
    return referenceWork(op, values);
  }
  switch (op.kind) {
    case 'lstm':
      return lstmWork(tf, op, { x, mask: maskOf(op.mask, values), h: y });
    case 'gru':
      return gruWork(tf, op, { x, mask: maskOf(op.mask, values), h: y });
    case 'simpleRnn':
      return simpleRnnWork(tf, op, { x, mask: maskOf(op.mask, values), h: y });
    case 'dense':
      return denseWork(tf, op, x, y);
    case 'timeDense':
      return timeDenseWork(tf, op, x, y);
    case 'activation':
      return activationWork(tf, op, x, y);
    case 'affine':
      return affineWork(tf, op, x, y);
    case 'prelu':
      return preluWork(tf, op, x, y);
    case 'layerNorm':
      return layerNormWork(tf, op, x, y);
    case 'merge':
      return mergeWork(tf, op, op.inputs.map(values), y);
    case 'conv':
      return convWork(tf, op, x, y);
    case 'pool':
      return poolWork(tf, op, x, y);
    case 'globalPool':
      return globalPoolWork(tf, op, { x, mask: maskOf(op.mask, values), y });
    case 'reduce':
      return reduceWork(tf, op, x, y);
    case 'matMul':
      return matMulWork(tf, op, { left: x, right: values(op.right), y });
    default:
      return referenceWork(op, values);
  }
}
