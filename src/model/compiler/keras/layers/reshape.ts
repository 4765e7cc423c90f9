import { everySample } from '../../rate.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { WindowBuilder } from '../../window-builder.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { repeated } from './repeat-vector.js';
import { unchanged, windowTensor } from './window-tensor.js';

/**
 * Flatten: (steps, features) becomes (steps * features). One step is that already; of several the
 * plan never has the whole, and a Dense after it becomes a sum over time.
 */
export const flatten: LayerBuilder = (layer) => {
  layer.options.only('data_format', 'channels_last', 'the features must be the last axis');
  return flattened(layer, onlyInput(layer));
};

function flattened(layer: LayerContext, input: Tensor): BuiltLayer {
  const { options, builder } = layer;
  if (input.form !== 'sequence') {
    return unchanged(input);
  }
  const { count } = input.rate;
  if (count === null) {
    throw options.refused('over any number of steps its output has no size; give a window');
  }
  if (count === 1) {
    return unchanged({ ...input, form: 'vector' });
  }
  if (builder.kind === 'window') {
    return reshaped(layer, builder, input, [count * input.size]);
  }
  return {
    outputs: [{ ...input, form: 'flattened', mask: null, flattenedBy: layer }],
    streaming: 'sum over time',
  };
}

/** Reshape to one dimension (features) or two (steps, features). */
export const reshape: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = onlyInput(layer);
  const from = shapeOf(input);
  const to = targetShape(layer, from);
  if (to.length === from.length && to.every((size, i) => size === from[i])) {
    return unchanged(input);
  }
  const [steps = null, size = null] = to;
  if (to.length === 1 && input.form === 'sequence') {
    return flattened(layer, input);
  }
  if (to.length === 2 && steps === 1 && size === input.size) {
    return repeated(layer, input, 1);
  }
  const builder = layer.builder.requireWindow(
    layer,
    `to (${to.join(', ')}) it takes steps apart or puts them together`,
  );
  if (to.includes(null)) {
    throw options.refused('its output has no known size; give a window');
  }
  return reshaped(layer, builder, input, to.map(Number));
};

/** @returns `target_shape` with the axis of -1 worked out; null for an axis of any number of steps */
function targetShape({ options }: LayerContext, from: (number | null)[]): (number | null)[] {
  const target = options.raw('target_shape');
  if (!isShape(target) || target.filter((size) => size === -1).length > 1) {
    throw options.malformed(`target_shape is ${shortText(target)}`);
  }
  if (target.length < 1 || target.length > 2) {
    throw options.refused(`target_shape=${shortText(target)}: one or two dimensions are supported`);
  }
  if (from.includes(null)) {
    // With any number of steps only a shape that leaves the features as they are is known.
    const keepsFeatures = target.length === 2 && target[0] === -1 && target[1] === from[1];
    if (!keepsFeatures) {
      throw options.refused('over any number of steps its output has no size; give a window');
    }
    return from;
  }
  const total = product(from.map(Number));
  const rest = total / product(target.filter((size) => size !== -1));
  if (!Number.isInteger(rest) || (!target.includes(-1) && rest !== 1)) {
    throw options.malformed(`target_shape ${shortText(target)} does not hold ${total} floats`);
  }
  return target.map((size) => (size === -1 ? rest : size));
}

function isShape(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((size) => Number.isSafeInteger(size) && size >= -1 && size !== 0)
  );
}

function reshaped(
  { name }: LayerContext,
  builder: WindowBuilder,
  input: Tensor,
  to: readonly number[],
): BuiltLayer {
  const [first = 1, second] = to;
  const [steps, size] = second === undefined ? [1, first] : [first, second];
  const value = builder.reshape(name, input.value, steps, size);
  if (second !== undefined) {
    return windowTensor(value, size, steps);
  }
  const vector = { value, size, form: 'vector', rate: everySample(1), mask: null } as const;
  return { outputs: [vector], streaming: 'whole window' };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
