import { LstmdError } from '../errors.js';
import type { Activation, Mode, StepOp } from '../model/plan.js';
import type { StepProgram } from './program.js';

/**
 * A step program as numbers: what `native/kernel/parse.cpp` reads. This is the
 * one description of the format; `native/kernel/format.h` has the same constants.
 *
 * `words`, all int32:
 *
 *     magic, version, mode (0 continuous, 1 sequence, 2 sliding), window, stride, lanes, warmupSamples,
 *     features, valueCount, opCount, outputCount, laneStateSize,
 *     size of each value, value of each output, then the operations:
 *
 *     1 lstm        wordCount input output kernel recurrentKernel bias activation recurrentActivation hOffset cOffset
 *     2 dense       wordCount input output kernel bias activation
 *     3 activation  wordCount input output activation
 *     4 timeDense   wordCount input output kernel bias activation accOffset
 *
 * `wordCount` counts the operation's own words, the code and itself included. A kernel or a bias is
 * its offset in `weights`, in floats; -1 is no bias. An activation is two words: its code (the
 * index in `activationCodes`) and the offset of its parameters in `weights`, -1 where it has none.
 */
export interface EncodedProgram {
  readonly words: Int32Array;
  readonly weights: Float32Array;
}

const magic = 0x4c53544d;
const version = 1;
const modeCodes: Readonly<Record<Mode, number>> = { continuous: 0, sequence: 1, sliding: 2 };
const opCodes: Readonly<Partial<Record<StepOp['kind'], number>>> = {
  lstm: 1,
  dense: 2,
  activation: 3,
  timeDense: 4,
};
const activationCodes = [
  'linear',
  'sigmoid',
  'tanh',
  'softmax',
  'softplus',
  'softsign',
  'exponential',
  'selu',
  'silu',
  'gelu',
  'geluTanh',
  'elu', // alpha
  'relu', // negativeSlope, threshold, maxValue
  'hardSigmoid', // slope, offset
] as const;
const none = -1;

/** Writes a program as the native kernel reads it. The arrays are new; the plan keeps its own. */
export function encodeProgram(program: StepProgram): EncodedProgram {
  const { plan } = program;
  const tensors = new WeightList();
  const ops = plan.ops.map((op) => encodeOp(op, tensors));
  const header = [magic, version, modeCodes[program.mode], program.window, program.stride];
  header.push(program.lanes, program.warmupSamples, plan.features, plan.valueSizes.length);
  header.push(ops.length, plan.outputs.length, plan.laneStateSize);
  const outputs = plan.outputs.map((output) => output.value);
  const words = [...header, ...plan.valueSizes, ...outputs, ...ops.flat()];
  return { words: Int32Array.from(words), weights: tensors.concatenated() };
}

function encodeOp(op: StepOp, tensors: WeightList): number[] {
  const operands = [op.input, op.output, ...operandsOf(op, tensors)];
  return [opCodes[op.kind] ?? none, operands.length + 2, ...operands];
}

function operandsOf(op: StepOp, tensors: WeightList): number[] {
  const activation = 'activation' in op ? encodeActivation(op.activation, tensors) : [];
  switch (op.kind) {
    case 'lstm': {
      const matrices = [tensors.add(op.kernel), tensors.add(op.recurrentKernel)];
      const recurrentActivation = encodeActivation(op.recurrentActivation, tensors);
      const bias = tensors.add(op.bias);
      return [...matrices, bias, ...activation, ...recurrentActivation, op.hOffset, op.cOffset];
    }
    case 'dense':
      return [tensors.add(op.kernel), tensors.add(op.bias), ...activation];
    case 'activation':
      return activation;
    case 'timeDense':
      return [tensors.add(op.kernel), tensors.add(op.bias), ...activation, op.accOffset];
    default:
      throw new LstmdError(
        'engine.argument',
        `the native kernel has no ${op.kind}: layer ${op.layer}`,
      );
  }
}

function encodeActivation(activation: Activation, tensors: WeightList): [number, number] {
  switch (activation.kind) {
    case 'gelu':
      return [activationCodes.indexOf(activation.approximate ? 'geluTanh' : 'gelu'), none];
    case 'elu':
      return parameterised('elu', [activation.alpha], tensors);
    case 'relu':
      return parameterised(
        'relu',
        [activation.negativeSlope, activation.threshold, activation.maxValue],
        tensors,
      );
    case 'hardSigmoid':
      return parameterised('hardSigmoid', [activation.slope, activation.offset], tensors);
    default:
      return [activationCodes.findIndex((name) => name === activation.kind), none];
  }
}

function parameterised(
  name: (typeof activationCodes)[number],
  parameters: number[],
  tensors: WeightList,
): [number, number] {
  return [activationCodes.indexOf(name), tensors.add(Float32Array.from(parameters))];
}

/** Tensors one after the other. */
class WeightList {
  private readonly parts: Float32Array[] = [];
  private length = 0;

  /** The offset that the tensor will have; -1 for none. */
  add(tensor: Float32Array | null): number {
    if (tensor === null) return none;
    const offset = this.length;
    this.parts.push(tensor);
    this.length += tensor.length;
    return offset;
  }

  concatenated(): Float32Array {
    const all = new Float32Array(this.length);
    let offset = 0;
    for (const part of this.parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }
}
