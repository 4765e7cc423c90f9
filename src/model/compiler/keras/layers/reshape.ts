import { everySample } from '../../rate.js';
import type { ValueId } from '../../../plan/stream-plan.js';
import type { WindowBuilder } from '../../window-builder.js';
import { only, onlySequence } from '../layer-builder/layer-inputs.js';
import { show } from '../layer-builder/layer-options.js';
import {
  ruleOut,
  shapeOf,
  stepsText,
  wholeWindow,
  type BuiltLayer,
  type LayerBuilder,
  type LayerContext,
  type Tensor,
} from '../layer-builder/layer-builder.js';

/** Flatten: nothing where there is one step; over several, a mark for the Dense that follows. */
export const flatten: LayerBuilder = (layer) => {
  layer.options.only('data_format', 'channels_last', 'the features must be the last axis');
  return flattened(layer, only(layer));
};

function flattened(layer: LayerContext, input: Tensor): BuiltLayer {
  const { options, builder } = layer;
  if (input.form !== 'sequence') {
    return same(input);
  }
  const { count } = input.cadence;
  if (count === null) {
    throw options.refused('over any number of steps its output has no size; give a window');
  }
  if (count === 1) {
    return same({ ...input, form: 'vector' });
  }
  if (builder.kind === 'window') {
    return reshaped(layer, builder, input, [count * input.size]);
  }
  return {
    outputs: [{ ...input, form: 'flattened', mask: null, flattenedBy: layer }],
    streaming: 'sum over time',
  };
}

/** Reshape to one or two dimensions. */
export const reshape: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = only(layer);
  const from = shapeOf(input);
  const to = targetShape(layer, from);
  if (to.length === from.length && to.every((size, i) => size === from[i])) {
    return same(input);
  }
  const [steps = null, size = null] = to;
  if (to.length === 1 && input.form === 'sequence') {
    return flattened(layer, input);
  }
  if (to.length === 2 && steps === 1 && size === input.size) {
    return repeated(layer, input, 1);
  }
  const builder = wholeWindow(
    layer,
    layer,
    `to (${to.join(', ')}) it takes steps apart or puts them together`,
  );
  if (to.includes(null)) {
    throw options.refused('its output has no known size; give a window');
  }
  return reshaped(layer, builder, input, to.map(Number));
};

function targetShape({ options }: LayerContext, from: (number | null)[]): (number | null)[] {
  const target = options.raw('target_shape');
  const list = isShape(target) ? target : undefined;
  if (list === undefined || list.filter((size) => size === -1).length > 1) {
    throw options.malformed(`target_shape is ${show(target)}`);
  }
  if (list.length < 1 || list.length > 2) {
    throw options.refused(`target_shape=${show(target)}: one or two dimensions are supported`);
  }
  if (from.includes(null)) {
    // Only what leaves the features alone fits any number of steps.
    const isSame = list.length === 2 && list[0] === -1 && list[1] === from[1];
    if (!isSame) {
      throw options.refused('over any number of steps its output has no size; give a window');
    }
    return from;
  }
  const total = product(from.map(Number));
  const rest = total / product(list.filter((size) => size !== -1));
  if (!Number.isInteger(rest) || (!list.includes(-1) && rest !== 1)) {
    throw options.malformed(`target_shape ${show(target)} does not hold ${total} floats`);
  }
  return list.map((size) => (size === -1 ? rest : size));
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
  const output = builder.value(size, steps);
  builder.addWindowOp({ kind: 'reshape', layer: name, input: input.value, output });
  return made(output, size, second === undefined ? null : steps);
}

function made(value: ValueId, size: number, steps: number | null): BuiltLayer {
  const cadence = everySample(steps ?? 1);
  const form = steps === null ? 'vector' : 'sequence';
  return { outputs: [{ value, size, form, cadence, mask: null }], streaming: 'whole window' };
}

function same(input: Tensor): BuiltLayer {
  return { outputs: [{ ...input, mask: null }], streaming: 'identity' };
}

/** RepeatVector: a vector as each of n steps. */
export const repeatVector: LayerBuilder = (layer) => {
  const input = only(layer);
  if (input.form === 'sequence') {
    throw layer.options.malformed('its input has a time axis (expected ndim=2, found ndim=3)');
  }
  return repeated(layer, input, layer.options.size('n'));
};

function repeated(layer: LayerContext, input: Tensor, steps: number): BuiltLayer {
  // One step of a model of one step is that step.
  if (
    layer.builder.kind === 'step' &&
    input.form === 'vector' &&
    input.cadence.count === 1 &&
    steps === 1
  ) {
    return same({ ...input, form: 'sequence' });
  }
  const builder = wholeWindow(
    layer,
    layer,
    `it makes a sequence of ${stepsText(steps)} of what the whole window came to; mode sliding would work`,
  );
  const output = builder.value(input.size, steps);
  builder.addWindowOp({ kind: 'repeat', layer: layer.name, input: input.value, output });
  return made(output, input.size, steps);
}

/** Permute: steps and features change places. */
export const permute: LayerBuilder = (layer) => {
  const { name, options } = layer;
  const input = only(layer);
  const order = options.sizes('dims', []);
  const identity = input.form === 'sequence' ? [1, 2] : [1];
  if (order.length === identity.length && order.every((axis, i) => axis === identity[i])) {
    return same(input);
  }
  if (input.form !== 'sequence' || order.length !== 2 || order[0] !== 2 || order[1] !== 1) {
    throw options.malformed(`dims ${show(order)} do not fit its input`);
  }
  const builder = wholeWindow(
    layer,
    layer,
    'it makes features of the steps, which needs all of them',
  );
  const steps = builder.stepsOf(input.value);
  const output = builder.value(steps, input.size);
  builder.addWindowOp({ kind: 'transpose', layer: name, input: input.value, output });
  return made(output, steps, input.size);
};

/** ZeroPadding1D: a mark for the convolution that follows; over a whole window, zeros. */
export const zeroPadding1d: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  const input = onlySequence(layer);
  const [before, after] = ends(layer, 'padding');
  options.only('data_format', 'channels_last', 'the features must be the last axis');
  if (before === 0 && after === 0) {
    return same(input);
  }
  if (builder.kind === 'step') {
    return {
      outputs: [{ ...input, mask: null, padding: { layer, before, after } }],
      streaming: 'with the convolution after it',
    };
  }
  const steps = builder.stepsOf(input.value) + before + after;
  const output = builder.value(input.size, steps);
  builder.addWindowOp({
    kind: 'pad',
    layer: name,
    input: input.value,
    output,
    before,
    after,
    value: 0,
  });
  return made(output, input.size, steps);
};

/** Cropping1D: drops steps at both ends; a stream has no end. */
export const cropping1d: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  const input = onlySequence(layer);
  const [before, after] = ends(layer, 'cropping');
  options.only('data_format', 'channels_last', 'the features must be the last axis');
  const { first, stride, count } = input.cadence;
  const left = count === null ? null : count - before - after;
  if (left !== null && left < 1) {
    throw options.malformed(`of its ${count} steps none is left`);
  }
  const cadence = { first: first + before * stride, stride, count: left };
  if (before === 0 && after === 0) {
    return same(input);
  }
  const output = builder.value(input.size, left);
  if (builder.kind === 'window') {
    builder.addWindowOp({ kind: 'crop', layer: name, input: input.value, output, before });
    return made(output, input.size, left);
  }
  if (after > 0) {
    ruleOut(
      layer,
      layer,
      ['sequence', 'sliding'],
      `it drops the last ${stepsText(after)} of a window, and a stream does not know which`,
    );
  }
  if (before === 0) {
    return { outputs: [{ ...input, cadence, mask: null }], streaming: 'identity' };
  }
  builder.add({
    kind: 'skip',
    layer: name,
    input: input.value,
    output,
    count: before,
    countOffset: builder.remember(name, 'counter', 1),
  });
  return {
    outputs: [{ ...input, value: output, cadence, mask: null }],
    streaming: `without the first ${stepsText(before)}`,
  };
};

/** Steps at the beginning and at the end. */
function ends({ options }: LayerContext, key: string): readonly [number, number] {
  const [before = 1, after = before, ...more] = options.sizes(key, [1]);
  if (more.length > 0) {
    throw options.malformed(`${key} has more than two numbers`);
  }
  return [before, after];
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
