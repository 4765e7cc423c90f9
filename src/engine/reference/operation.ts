import type { StepOp, ValueId } from '../../model/plan/step-op.js';
import { maskOf } from '../interpreter/operation.js';
import type { StepWork } from '../interpreter/step-work.js';
import { denseWork, timeDenseWork } from './dense.js';
import { globalPoolWork } from './global-pool.js';
import {
  activationWork,
  affineWork,
  concatenateWork,
  layerNormWork,
  maskWork,
  mergeWork,
  preluWork,
} from './pointwise.js';
import { gatherWork, matMulWork, reduceWork } from './arrangement.js';
import { gruWork, lstmWork, simpleRnnWork } from './recurrent.js';
import { beginWork, keepWork, recallWork } from './state.js';
import { convWork, poolWork, skipWork } from './span.js';

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
    case 'begin':
      return beginWork(op, x, y);
    case 'recall':
      return recallWork(op, y);
    case 'keep':
      return keepWork(op, x, y);
    case 'gather':
      return gatherWork(op, x, y);
    case 'reduce':
      return reduceWork(op, x, y);
    case 'matMul':
      return matMulWork(op, x, values(op.right), y);
  }
}
