import { product } from '../../shape.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { requireAnyValue } from '../layer-builder/layer-inputs.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';
import { toUnitLength } from './unit-normalization.js';

/** Dot: the sum of products along one axis of each input, for each pair of their other indices. */
export const dot: LayerBuilder = (layer) => {
  const { inputs, options } = layer;
  const [left, right] = inputs;
  if (left === undefined || right === undefined || inputs.length !== 2) {
    throw options.malformed(`it has ${inputs.length} inputs in place of two`);
  }
  for (const input of [left, right]) {
    requireAnyValue(layer, input);
  }
  const math = arrayMath(layer, 'it multiplies whole windows');
  const value = plainValue(options.raw('axes'));
  const given: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  const axes = [left, right].map((input, i) => readAxes(options, 'axes', given[i], rankOf(input)));
  const isNormalized = options.boolean('normalize', false);
  const [a, b] = [left, right].map((input, i) => {
    const own = axes[i] ?? [];
    const tensor = isNormalized
      ? overAxes(layer, { ...input, mask: null }, own, (rows) => toUnitLength(rows, 1e-7))
      : input;
    const array = arrayOf(tensor);
    const [axis = 0] = own;
    const others = array.shape.map((_, k) => k).filter((k) => k !== axis);
    const order = i === 0 ? [...others, axis] : [axis, ...others];
    const turned = math.transpose(array, order);
    const along = array.shape[axis] ?? 1;
    const count = product(array.shape) / along;
    const shape = others.map((k) => array.shape[k] ?? 1);
    return {
      matrix: math.reshape(turned, i === 0 ? [count, along] : [along, count]),
      along,
      shape,
    };
  });
  if (a === undefined || b === undefined || a.along !== b.along) {
    throw options.malformed('its axes have different lengths');
  }
  // Two vectors have one product, which Keras gives an axis of one.
  const shape = [...a.shape, ...b.shape];
  const result = math.matMul(a.matrix, b.matrix);
  return builtArray(layer, math, math.reshape(result, shape.length === 0 ? [1] : shape));
};
