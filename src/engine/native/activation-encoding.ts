import type { Activation } from '../../model/plan/activation.js';
import { none, type WeightList } from './weight-list.js';

/**
 * The activations: the code of each is its index, and its parameters follow its name in the order
 * in which they are written. GELU has one code for each of its two forms.
 */
export const activationCodes = [
  ['linear'],
  ['sigmoid'],
  ['tanh'],
  ['softmax'],
  ['softplus'],
  ['softsign'],
  ['exponential'],
  ['selu'],
  ['silu'],
  ['gelu'],
  ['geluTanh'],
  ['elu', 'alpha'],
  ['relu', 'negativeSlope', 'threshold', 'maxValue'],
  ['hardSigmoid', 'slope', 'offset'],
  ['logSoftmax'],
  ['sparsemax'],
  ['mish'],
  ['logSigmoid'],
  ['tanhShrink'],
  ['hardTanh'],
  ['hardSilu'],
  ['celu', 'alpha'],
  ['hardShrink', 'threshold'],
  ['softShrink', 'threshold'],
  ['sparsePlus'],
  ['squareplus', 'b'],
  ['absolute'],
  ['square'],
  ['squareRoot'],
  ['reciprocal'],
  ['log'],
  ['log1p'],
  ['expm1'],
  ['sine'],
  ['cosine'],
  ['sign'],
  ['power', 'exponent'],
  ['clip', 'least', 'most'],
  ['affine', 'slope', 'offset'],
  ['scaledTanh', 'scale', 'slope'],
  ['erf'],
] as const satisfies readonly (readonly [Activation['kind'] | 'geluTanh', ...string[]])[];

/** Two words: the code, and the offset of the parameters in the weights, `none` where it has none. */
export function encodeActivation(activation: Activation, weights: WeightList): [number, number] {
  const name = activation.kind === 'gelu' && activation.approximate ? 'geluTanh' : activation.kind;
  const parameters = parametersOf(activation);
  const offset = parameters.length === 0 ? none : weights.addNumbers(...parameters);
  return [activationCodes.findIndex(([known]) => known === name), offset];
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
    case 'power':
      return [activation.exponent];
    case 'clip':
      return [activation.least, activation.most];
    case 'affine':
      return [activation.slope, activation.offset];
    case 'scaledTanh':
      return [activation.scale, activation.slope];
    default:
      return [];
  }
}
