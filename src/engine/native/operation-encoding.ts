import type { ConvOp, PoolOp, StepOp, ValueId } from '../../model/plan/step-op.js';
import type { ScanState, WindowOp } from '../../model/plan/window-plan.js';
import { encodeActivation } from './activation-encoding.js';
import { none, type WeightList } from './weight-list.js';

/** The codes of the step operations. A new one takes the next number; none is used a second time. */
export const stepOpCodes = {
  lstm: 1,
  dense: 2,
  activation: 3,
  timeDense: 4,
  gru: 5,
  simpleRnn: 6,
  affine: 7,
  prelu: 8,
  layerNorm: 9,
  mask: 10,
  merge: 11,
  concatenate: 12,
  conv: 13,
  pool: 14,
  globalPool: 15,
  skip: 16,
  gather: 17,
  reduce: 18,
  matMul: 19,
  begin: 20,
  recall: 21,
  keep: 22,
} as const satisfies Readonly<Record<StepOp['kind'], number>>;

/** The codes of the operations over whole windows. */
export const windowOpCodes = {
  scan: 32,
  pad: 33,
  crop: 34,
  repeat: 35,
  reshape: 36,
  transpose: 37,
} as const satisfies Readonly<Record<WindowOp['kind'], number>>;

/** The code of each is its index. */
export const mergeCodes = [
  'add',
  'subtract',
  'multiply',
  'average',
  'maximum',
  'minimum',
  'divide',
] as const;
/** The code of each is its index. */
export const poolCodes = ['maximum', 'average'] as const;
/** The code of each is its index. */
export const reduceCodes = ['sum', 'mean', 'maximum', 'minimum'] as const;

/** Writes operations as words, and their tensors into the weights (docs/formats/program-words.md). */
export class OperationEncoder {
  readonly #weights: WeightList;
  readonly #sizes: readonly number[];

  /** @param sizes floats of one step of each value */
  constructor(weights: WeightList, sizes: readonly number[]) {
    this.#weights = weights;
    this.#sizes = sizes;
  }

  stepOp(op: StepOp): number[] {
    return counted(stepOpCodes[op.kind], [op.input, op.output, ...this.#operands(op)]);
  }

  windowOp(op: WindowOp): number[] {
    return counted(windowOpCodes[op.kind], this.#windowOperands(op));
  }

  #windowOperands(op: WindowOp): number[] {
    switch (op.kind) {
      case 'scan':
        return [
          op.reverse ? 1 : 0,
          ...statesOf(op.initial),
          ...statesOf(op.final),
          ...this.stepOp(op.op),
        ];
      case 'pad':
        return [op.input, op.output, op.before, op.after, this.#weights.addNumbers(op.value)];
      case 'crop':
        return [op.input, op.output, op.before];
      case 'repeat':
      case 'reshape':
      case 'transpose':
        return [op.input, op.output];
    }
  }

  #sizeOf(value: ValueId): number {
    return this.#sizes[value] ?? 0;
  }

  #operands(op: StepOp): number[] {
    const weights = this.#weights;
    const activation = 'activation' in op ? encodeActivation(op.activation, weights) : [];
    const gates =
      'recurrentActivation' in op ? encodeActivation(op.recurrentActivation, weights) : [];
    switch (op.kind) {
      case 'lstm':
      case 'gru':
      case 'simpleRnn': {
        const words = [op.mask ?? none, weights.add(op.kernel), weights.add(op.recurrentKernel)];
        words.push(weights.add(op.bias));
        if (op.kind === 'gru') {
          words.push(weights.add(op.recurrentBias), op.resetAfter ? 1 : 0);
        }
        words.push(...activation, ...gates, op.hOffset);
        if (op.kind === 'lstm') {
          words.push(op.cOffset);
        }
        words.push(op.clip === undefined ? none : weights.addNumbers(op.clip));
        if (op.kind === 'lstm') {
          words.push(weights.add(op.peepholes ?? null));
          words.push(...encodeActivation(op.stateActivation ?? op.activation, weights));
          words.push(op.isCoupled === true ? 1 : 0);
        }
        return words;
      }
      case 'dense':
        return [weights.add(op.kernel), weights.add(op.bias), ...activation];
      case 'timeDense': {
        const matrices = [weights.add(op.kernel), weights.add(op.bias)];
        const steps = op.kernel.length / (this.#sizeOf(op.input) * this.#sizeOf(op.output));
        return [steps, ...matrices, ...activation, op.accOffset, op.positionOffset];
      }
      case 'activation':
        return activation;
      case 'affine':
        return [weights.add(op.scale), weights.add(op.shift)];
      case 'prelu':
        return [op.steps, weights.add(op.alpha), op.positionOffset ?? none];
      case 'layerNorm':
        return [weights.add(op.gamma), weights.add(op.beta), weights.addNumbers(op.epsilon)];
      case 'mask':
        return [weights.addNumbers(op.maskValue), op.mask];
      case 'merge':
        return [mergeCodes.indexOf(op.operation), ...listed(op.inputs)];
      case 'concatenate':
        return listed(op.inputs);
      case 'conv': {
        const matrices = [weights.add(op.kernel), weights.add(op.bias)];
        return [...spanOf(op), op.groups, ...matrices, ...activation];
      }
      case 'pool':
        return [...spanOf(op), poolCodes.indexOf(op.operation), op.seenOffset ?? none];
      case 'globalPool': {
        const code = poolCodes.indexOf(op.operation);
        return [code, op.accOffset, op.countOffset, op.mask ?? none];
      }
      case 'skip':
        return [op.count, op.countOffset];
      case 'begin':
        return [op.states.length, weights.add(op.states), op.statesOffset, op.begunOffset];
      case 'recall':
      case 'keep':
        return [op.stateOffset];
      case 'gather':
        return [...op.indices];
      case 'reduce':
        return [reduceCodes.indexOf(op.operation)];
      case 'matMul':
        return [op.right, op.count, op.rows, op.inner, op.columns];
    }
  }
}

/** The code and the count of all words before the operands. */
function counted(code: number, operands: readonly number[]): number[] {
  return [code, operands.length + 2, ...operands];
}

function listed(inputs: readonly ValueId[]): number[] {
  return [inputs.length, ...inputs];
}

/** The count of the states, then value and offset of each. */
function statesOf(states: readonly ScanState[] = []): number[] {
  return [states.length, ...states.flatMap(({ value, offset }) => [value, offset])];
}

function spanOf(op: ConvOp | PoolOp): number[] {
  const { size, stride, dilation, padBefore, historyOffset, countOffset } = op;
  return [size, stride, dilation, padBefore, historyOffset, countOffset];
}
