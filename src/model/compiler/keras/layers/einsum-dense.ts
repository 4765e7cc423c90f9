import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { activationOf } from '../layer-builder/activation.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { broadcastShape, isSameShape } from '../../shape.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { otherBackendsSum } from './constant.js';
import { contract, readEquation } from './einsum.js';

/** EinsumDense: a product with a kernel along the axes that an equation names. */
export const einsumDense: LayerBuilder = (layer) => {
  const { options, weights, kerasMajor } = layer;
  const input = anyInput(layer);
  options.only('lora_rank', false, 'LoRA weights are not supported: merge them first');
  options.only('quantization_config', false, 'quantized weights are not supported');
  const math = arrayMath(layer, 'it multiplies along any axes of a whole window');
  const array = arrayOf(input);
  const raw = options.raw('equation');
  const letters = 'zyxwvu'.slice(0, array.shape.length);
  // An ellipsis is the batch and all axes that have no letter.
  const equation = readEquation(options, withoutEllipsis(raw, array.shape.length + 1, letters));
  const [batch] = equation.left;
  if (batch === undefined || equation.right.includes(batch) || equation.output[0] !== batch) {
    throw options.refused(`equation ${shortText(raw)}: the batch must be the first axis`);
  }
  const left = equation.left.slice(1);
  const output = equation.output.slice(1);
  const given = options.raw('output_shape');
  const outputSizes = Array.isArray(given) ? given : [given];
  const sizeOf = (letter: string): number => {
    const at = left.indexOf(letter);
    const fromEnd = output.indexOf(letter) - output.length + outputSizes.length;
    const size: unknown = at >= 0 ? array.shape[at] : outputSizes[fromEnd];
    if (typeof size !== 'number') {
      throw options.refused(`equation ${shortText(raw)}: a size of its kernel is not known`);
    }
    return size;
  };
  const shape = equation.right.split('').map(sizeOf);
  const kernel = math.constant(array, weights.take('kernel', shape), shape);
  const made = contract(math, options, { ...equation, left, output }, array, kernel);
  const axes = options.raw('bias_axes') ?? '';
  const biasShape = output
    .split('')
    .map((letter) => (typeof axes === 'string' && axes.includes(letter) ? sizeOf(letter) : 1));
  while (biasShape[0] === 1 && biasShape.length > 1) {
    biasShape.shift();
  }
  const otherSum = kerasMajor >= 3 ? otherBackendsSum(biasShape, made.shape) : undefined;
  if (otherSum !== undefined) {
    throw options.refused(`bias_axes=${shortText(axes)}: ${otherSum}`);
  }
  const withBias =
    typeof axes === 'string' && axes !== ''
      ? math.merge('add', made, math.constant(array, weights.take('bias', biasShape), biasShape))
      : made;
  const activation = activationOf(options, 'activation', 'linear', kerasMajor);
  if (!isSameShape(broadcastShape(made.shape, biasShape) ?? [], made.shape)) {
    throw options.malformed('its bias does not fit its output');
  }
  return builtArray(
    layer,
    math,
    activation.kind === 'linear' ? withBias : math.activate(withBias, activation),
  );
};

function withoutEllipsis(value: unknown, rank: number, letters: string): unknown {
  if (typeof value !== 'string' || !value.includes('...')) {
    return value;
  }
  const [left = ''] = value.split(',');
  const count = rank - left.replace('...', '').length;
  return value.replaceAll('...', `Z${letters.slice(0, count - 1)}`);
}
