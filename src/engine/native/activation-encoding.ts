import type { Activation } from '../../model/plan/activation.js';
import { none, type WeightList } from './weight-list.js';

/** The code of an activation is its index; its parameters, in order, are behind the name. */
const codes = [
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
  'logSoftmax',
  'sparsemax',
  'mish',
  'logSigmoid',
  'tanhShrink',
  'hardTanh',
  'hardSilu',
  'celu', // alpha
  'hardShrink', // threshold
  'softShrink', // threshold
  'sparsePlus',
  'squareplus', // b
  'threshold', // threshold, value
] as const satisfies readonly (Activation['kind'] | 'geluTanh')[];

/** Two words: the code, and the offset of the parameters in the weights, `none` where it has none. */
export function encodeActivation(activation: Activation, weights: WeightList): [number, number] {
  const name = activation.kind === 'gelu' && activation.approximate ? 'geluTanh' : activation.kind;
  const parameters = parametersOf(activation);
  const offset = parameters.length === 0 ? none : weights.addNumbers(...parameters);
  return [codes.indexOf(name), offset];
}

function parametersOf(activation: Activation): number[] {
  switch (activation.kind) {
    case 'elu':
    case 'celu':
      return [activation.alpha];
    case 'relu':
      return [activation.negativeSlope, activation.threshold, activation.maxValue];
    case 'hardSigmoid':
      return [activation.slope, activation.offset];
    case 'hardShrink':
    case 'softShrink':
      return [activation.threshold];
    case 'squareplus':
      return [activation.b];
    case 'threshold':
      return [activation.threshold, activation.value];
    default:
      return [];
  }
}
