import {
  type BuiltLayer,
  type LayerBuilder,
  type LayerContext,
} from '../layer-builder/layer-context.js';
import { stepsText } from '../../operations/site.js';
import { onlySequence } from '../layer-builder/layer-inputs.js';
import { unchanged, windowTensor } from './window-tensor.js';

/**
 * ZeroPadding1D: steps of zeros at both ends. In a stream the convolution after it adds them
 * (`Tensor.padding`), since no sample brings these steps.
 */
export const zeroPadding1d: LayerBuilder = (layer) => {
  const { name, builder } = layer;
  const input = onlySequence(layer);
  const [before, after] = readEnds(layer, 'padding');
  if (before === 0 && after === 0) {
    return unchanged(input);
  }
  if (builder.kind === 'step') {
    return {
      outputs: [{ ...input, mask: null, padding: { layer, before, after } }],
      streaming: 'with the convolution after it',
    };
  }
  const output = builder.pad(name, input.value, before, after);
  return windowTensor(output, input.size, builder.stepsOf(output));
};

/** Cropping1D: drops steps at both ends. A stream has a first step to drop, but no last one. */
export const cropping1d: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  const input = onlySequence(layer);
  const [before, after] = readEnds(layer, 'cropping');
  options.only('data_format', 'channels_last', 'the features must be the last axis');
  const { count } = input.rate;
  const left = count === null ? null : count - before - after;
  if (left !== null && left < 1) {
    throw options.malformed(`of its ${count} steps none is left`);
  }
  if (before === 0 && after === 0) {
    return unchanged(input);
  }
  if (builder.kind === 'window') {
    const steps = left ?? 1;
    return windowTensor(builder.crop(name, input.value, before, steps), input.size, steps);
  }
  if (after > 0) {
    builder.ruleOut(
      ['sequence', 'sliding'],
      layer,
      `it drops the last ${stepsText(after)} of a window, and a stream does not know which`,
    );
  }
  return withoutFirst(layer, before, left);
};

/** @param left steps of a window that are left */
function withoutFirst(layer: LayerContext, before: number, left: number | null): BuiltLayer {
  const { name, builder } = layer;
  const input = onlySequence(layer);
  const { first, stride } = input.rate;
  const rate = { first: first + before * stride, stride, count: left };
  if (before === 0) {
    return { outputs: [{ ...input, rate, mask: null }], streaming: 'identity' };
  }
  const output = builder.value(input.size, left);
  builder.add({
    kind: 'skip',
    layer: name,
    input: input.value,
    output,
    count: before,
    countOffset: builder.reserveState(name, 'counter', 1),
  });
  return {
    outputs: [{ ...input, value: output, rate, mask: null }],
    streaming: `without the first ${stepsText(before)}`,
  };
}

/** Steps at the beginning and at the end: one number for both, or two. */
function readEnds({ options }: LayerContext, key: string): readonly [number, number] {
  const [before = 1, after = before, ...more] = options.sizes(key, [1]);
  if (more.length > 0) {
    throw options.malformed(`${key} has more than two numbers`);
  }
  return [before, after];
}
