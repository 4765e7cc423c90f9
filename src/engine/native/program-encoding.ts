import type { Mode, ModelOutput } from '../../model/plan/stream-plan.js';
import type { ConvOp, PoolOp, StepOp, ValueId } from '../../model/plan/step-op.js';
import type { WindowOp } from '../../model/plan/window-plan.js';
import { encodeActivation } from './activation-encoding.js';
import type { StepProgram } from '../program/program.js';
import { none, WeightList } from './weight-list.js';
import { weightFormats } from '../program/weight-format.js';

/**
 * A step program as numbers: what `native/kernel/format/parse.cpp` reads. This is the
 * one description of the format; `native/kernel/format/format.h` has the same constants.
 *
 * `words`, all int32:
 *
 *     magic, version, mode (0 continuous, 1 sequence, 2 sliding), wholeWindow (0 or 1), window,
 *     stride, lanes, warmupSamples, features, valueCount, opCount, outputCount, laneStateSize,
 *     weightFormat (0 float32, 1 bfloat16, 2 int8: what large matrices, already rounded, are kept as),
 *     each value:  size
 *     each output: value, then heldOffset and holdsOffset or a single -1
 *     each operation, as below
 *
 * With `wholeWindow` it is the plan's `windowPlan`: a value is two words, steps and size, an output
 * is its value alone, and `laneStateSize` is the plan's `scratchSize`.
 *
 * An operation is its code, the count of its words (code and count included), then:
 *
 *      1 lstm         input output mask kernel recurrentKernel bias activation
 *                     recurrentActivation hOffset cOffset
 *      2 dense        input output kernel bias activation
 *      3 activation   input output activation
 *      4 timeDense    input output steps kernel bias activation accOffset positionOffset
 *      5 gru          input output mask kernel recurrentKernel bias recurrentBias resetAfter
 *                     activation recurrentActivation hOffset
 *      6 simpleRnn    input output mask kernel recurrentKernel bias activation hOffset
 *      7 affine       input output scale shift
 *      8 prelu        input output steps alpha positionOffset
 *      9 layerNorm    input output gamma beta epsilon
 *     10 mask         input output maskValue mask
 *     11 merge        input output operation count each input
 *     12 concatenate  input output count each input
 *     13 conv         input output size stride dilation padBefore historyOffset countOffset groups
 *                     kernel bias activation
 *     14 pool         input output size stride dilation padBefore historyOffset countOffset
 *                     operation seenOffset
 *     15 globalPool   input output operation accOffset countOffset mask
 *     16 skip         input output count countOffset
 *
 *     32 scan         reverse, then one of the operations above
 *     33 pad          input output before after value
 *     34 crop         input output before
 *     35 repeat       input output
 *     36 reshape      input output
 *     37 transpose    input output
 *
 * A tensor or a number is its offset in `weights`, in floats; -1 is none. An activation is two
 * words, see `encodeActivation`. What an operation does is its index in `mergeCodes`, `poolCodes`.
 */
export interface EncodedProgram {
  readonly words: Int32Array;
  readonly weights: Float32Array;
}

const magic = 0x4c53544d;
const version = 3;
const modeCodes: Readonly<Record<Mode, number>> = { continuous: 0, sequence: 1, sliding: 2 };
const opCodes: Readonly<Record<StepOp['kind'] | WindowOp['kind'], number>> = {
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
  scan: 32,
  pad: 33,
  crop: 34,
  repeat: 35,
  reshape: 36,
  transpose: 37,
};
const mergeCodes = ['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum'] as const;
const poolCodes = ['maximum', 'average'] as const;

/** Writes a program as the native kernel reads it. The arrays are new; the plan keeps its own. */
export function encodeProgram(program: StepProgram): EncodedProgram {
  const { plan, wholeWindow } = program;
  const header = [magic, version, modeCodes[program.mode], wholeWindow ? 1 : 0, program.window];
  header.push(program.stride, program.lanes, program.warmupSamples, plan.features);
  const format = weightFormats.indexOf(program.weights);
  const weights = new WeightList();
  let words: number[][];
  if (wholeWindow && plan.windowPlan !== null) {
    const { values, ops, outputs, scratchSize } = plan.windowPlan;
    const sizes = values.map(({ size }) => size);
    const encoder = new OpEncoder(weights, sizes);
    words = [
      [values.length, ops.length, outputs.length, scratchSize, format],
      values.flatMap(({ steps, size }) => [steps, size]),
      [...outputs],
      ...ops.map((op) => encoder.windowOp(op)),
    ];
  } else {
    const { valueSizes, ops, outputs, laneStateSize } = plan;
    const encoder = new OpEncoder(weights, valueSizes);
    words = [
      [valueSizes.length, ops.length, outputs.length, laneStateSize, format],
      [...valueSizes],
      outputs.flatMap(encodeOutput),
      ...ops.map((op) => encoder.stepOp(op)),
    ];
  }
  return { words: Int32Array.from([...header, ...words.flat()]), weights: weights.concatenated() };
}

function encodeOutput({ value, heldOffset, holdsOffset }: ModelOutput): number[] {
  return heldOffset === null || holdsOffset === null
    ? [value, none]
    : [value, heldOffset, holdsOffset];
}

class OpEncoder {
  readonly #weights: WeightList;
  readonly #sizes: readonly number[];

  /** @param sizes of one step of each value */
  constructor(weights: WeightList, sizes: readonly number[]) {
    this.#weights = weights;
    this.#sizes = sizes;
  }

  stepOp(op: StepOp): number[] {
    return counted(op.kind, [op.input, op.output, ...this.#operands(op)]);
  }

  windowOp(op: WindowOp): number[] {
    switch (op.kind) {
      case 'scan':
        return counted(op.kind, [op.reverse ? 1 : 0, ...this.stepOp(op.op)]);
      case 'pad': {
        const value = this.#weights.addNumbers(op.value);
        return counted(op.kind, [op.input, op.output, op.before, op.after, value]);
      }
      case 'crop':
        return counted(op.kind, [op.input, op.output, op.before]);
      case 'repeat':
      case 'reshape':
      case 'transpose':
        return counted(op.kind, [op.input, op.output]);
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
    }
  }
}

function counted(kind: StepOp['kind'] | WindowOp['kind'], operands: readonly number[]): number[] {
  return [opCodes[kind], operands.length + 2, ...operands];
}

function listed(inputs: readonly ValueId[]): number[] {
  return [inputs.length, ...inputs];
}

function spanOf(op: ConvOp | PoolOp): number[] {
  const { size, stride, dilation, padBefore, historyOffset, countOffset } = op;
  return [size, stride, dilation, padBefore, historyOffset, countOffset];
}
