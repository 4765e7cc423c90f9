import { product } from '../../shape.js';
import { rowSizeOf, shapeOf, type Tensor } from '../../tensor.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { repeated } from './repeat-vector.js';
import { unchanged } from './window-tensor.js';

/**
 * Flatten: (steps, features) becomes (steps * features). One step is that already; of several the
 * plan never has the whole, and a Dense after it becomes a sum over time.
 */
export const flatten: LayerBuilder = (layer) => {
  return flattened(layer, anyInput(layer));
};

function flattened(layer: LayerContext, input: Tensor): BuiltLayer {
  const { options, builder } = layer;
  if (input.form !== 'sequence' && input.form !== 'array') {
    return unchanged(input);
  }
  const { count } = input.rate;
  if (input.isOfOneStep === true) {
    const { value, rate } = input;
    const vector = { value, size: rowSizeOf(input), form: 'vector', rate, mask: null } as const;
    return { outputs: [vector], streaming: 'identity' };
  }
  if (count === null) {
    throw options.refused('over any number of steps its output has no size; give a window');
  }
  if (input.form === 'sequence' && count === 1) {
    return unchanged({ ...input, form: 'vector' });
  }
  if (builder.kind === 'window') {
    return reshaped(layer, input, [product(shapeOf(input).map(Number))]);
  }
  const { value, rate } = input;
  const size = rowSizeOf(input);
  return {
    outputs: [{ value, size, rate, form: 'flattened', mask: null, flattenedBy: layer }],
    streaming: 'sum over time',
  };
}

/** Reshape to any number of axes. */
export const reshape: LayerBuilder = (layer) => {
  const target = layer.options.raw('target_shape');
  if (!Array.isArray(target)) {
    throw layer.options.malformed(`target_shape is ${shortText(target)}`);
  }
  return reshapeTo(layer, anyInput(layer), target);
};

/** Reshapes a tensor to a shape without the batch, of whose sizes one may be -1. */
export function reshapeTo(
  layer: LayerContext,
  input: Tensor,
  target: readonly unknown[],
): BuiltLayer {
  const { options, builder } = layer;
  const from = shapeOf(input);
  const to = targetShape(layer, from, target);
  if (to.length === from.length && to.every((size, i) => size === from[i])) {
    return unchanged(input);
  }
  const [steps = null, size = null] = to;
  if (to.length === 1 && input.form === 'sequence') {
    return flattened(layer, input);
  }
  if (to.length === 2 && steps === 1 && size === input.size && input.form !== 'array') {
    return repeated(layer, input, 1);
  }
  // What was flattened, or comes so from the sensor, is taken apart as it was put together.
  const isUndone = input.form === 'flattened' && to.length === 2 && size === input.size;
  if (builder.kind === 'step' && isUndone) {
    const { value, rate } = input;
    const output = { value, size: input.size, form: 'sequence', rate, mask: null } as const;
    return { outputs: [output], streaming: 'identity' };
  }
  if (to.includes(null)) {
    throw options.refused('its output has no known size; give a window');
  }
  return reshaped(layer, input, to.map(Number));
}

/** @returns the shape with the axis of -1 worked out; null for an axis of any number of steps */
function targetShape(
  { options }: LayerContext,
  from: (number | null)[],
  target: readonly unknown[],
): (number | null)[] {
  if (!isShape(target) || target.filter((size) => size === -1).length > 1) {
    throw options.malformed(`target_shape is ${shortText(target)}`);
  }
  if (target.length < 1) {
    throw options.refused(`target_shape=${shortText(target)}: a number a window is not supported`);
  }
  if (from.includes(null)) {
    // With any number of steps only a shape that leaves the features as they are is known.
    const keepsFeatures = target.length === 2 && target[0] === -1 && target[1] === (from[1] ?? 1);
    if (!keepsFeatures) {
      throw options.refused('over any number of steps its output has no size; give a window');
    }
    return [null, target[1] ?? null];
  }
  const total = product(from.map(Number));
  const rest = total / product(target.filter((size) => size !== -1));
  if (!Number.isInteger(rest) || (!target.includes(-1) && rest !== 1)) {
    throw options.malformed(`target_shape ${shortText(target)} does not hold ${total} floats`);
  }
  return target.map((size) => (size === -1 ? rest : size));
}

function isShape(value: readonly unknown[]): value is readonly number[] {
  return value.every((size) => Number.isSafeInteger(size) && Number(size) >= -1 && size !== 0);
}

function reshaped(layer: LayerContext, input: Tensor, to: readonly number[]): BuiltLayer {
  const math = arrayMath(layer, `to (${to.join(', ')}) it takes steps apart or puts them together`);
  const built = builtArray(layer, math, math.reshape(arrayOf(input), to));
  return built;
}
