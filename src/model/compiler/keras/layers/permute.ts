import { shapeOf } from '../../tensor.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { unchanged } from './window-tensor.js';

/** Permute: the axes in another order. */
export const permute: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = anyInput(layer);
  const order = options.sizes('dims', []);
  const axes = shapeOf(input).map((_, axis) => axis + 1);
  if (order.length !== axes.length || axes.some((axis) => !order.includes(axis))) {
    throw options.malformed(`dims ${shortText(order)} do not fit its input`);
  }
  if (order.every((axis, i) => axis === i + 1)) {
    return unchanged(input);
  }
  const math = arrayMath(layer, 'it makes features of the steps, which needs all of them');
  const permuted = math.transpose(
    arrayOf(input),
    order.map((axis) => axis - 1),
  );
  return builtArray(layer, math, permuted);
};
