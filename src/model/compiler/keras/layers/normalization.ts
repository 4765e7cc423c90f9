import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import type { Tensor } from '../../tensor.js';

/** BatchNormalization: at inference, a scale and a shift for each feature. */
export const batchNormalization: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  const input = inputByFeature(layer);
  options.ignore('momentum', 'synchronized', 'virtual_batch_size', 'adjustment', 'fused');
  options.ignore('renorm', 'renorm_clipping', 'renorm_momentum', 'mode', 'gamma_init', 'beta_init');
  const epsilon = options.number('epsilon', 1e-3);
  const { size } = input;
  const gamma = options.boolean('scale', true) ? weights.take('gamma', [size]) : undefined;
  const beta = options.boolean('center', true) ? weights.take('beta', [size]) : undefined;
  const mean = weights.take('moving_mean', [size]);
  const variance = weights.take('moving_variance', [size]);
  const scale = variance.map((value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon));
  if (!scale.every(Number.isFinite)) {
    throw options.malformed('its moving variance is below zero: the training went wrong');
  }
  const shift = mean.map((value, i) => (beta?.[i] ?? 0) - value * (scale[i] ?? 0));
  return affine(layer, input, [{ scale, shift }]);
};

/** LayerNormalization over the features. */
export const layerNormalization: LayerBuilder = (layer) => {
  const { name, options, weights, builder } = layer;
  const input = inputByFeature(layer);
  options.only('rms_scaling', false, 'scaling by the variance is not supported');
  const epsilon = options.number('epsilon', 1e-3);
  const { size } = input;
  const output = builder.valueLike(input.value, size);
  builder.add({
    kind: 'layerNorm',
    layer: name,
    input: input.value,
    output,
    gamma: options.boolean('scale', true) ? weights.take('gamma', [size]) : null,
    beta: options.boolean('center', true) ? weights.take('beta', [size]) : null,
    epsilon,
  });
  return { outputs: [{ ...input, value: output }], streaming: 'pointwise' };
};

/** Keras' epsilon (keras/src/backend/config.py), the least deviation that it divides by. */
const minDeviation = 1e-7;

/** Normalization: `(x - mean) / deviation`, whose numbers are weights (adapted) or options (given). */
export const normalization: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  const input = onlyInput(layer);
  const { size } = input;
  // With `axis=None` there is one mean for all features.
  const axis = options.raw('axis');
  const isOneForAll = axis === null || (Array.isArray(axis) && axis.length === 0);
  if (!isOneForAll) {
    options.lastAxis('axis', input);
  }
  if (input.form === 'flattened') {
    layer.builder.requireWindow(layer, 'after Flatten it has another mean for each step');
  }
  const isInverse = options.boolean('invert', false);
  let mean = options.numbers('mean', size);
  let variance = options.numbers('variance', size);
  if (mean === undefined || variance === undefined) {
    const shape = isOneForAll ? [] : [size];
    const stored = [weights.take('mean', shape), weights.take('variance', shape)] as const;
    weights.skip('count');
    [mean, variance] = stored.map((values) =>
      Float32Array.from({ length: size }, (_, i) => values[isOneForAll ? 0 : i] ?? 0),
    ) as [Float32Array, Float32Array];
  }
  const deviation = variance.map((value) => Math.max(Math.sqrt(value), minDeviation));
  const ones = new Float32Array(size).fill(1);
  // The mean is subtracted first, as Keras does: folded into a shift after the scale, a large mean
  // would cost digits.
  return affine(
    layer,
    input,
    isInverse
      ? [{ scale: deviation, shift: mean }]
      : [
          { scale: ones, shift: mean.map((value) => -value) },
          { scale: deviation.map((value) => 1 / value), shift: new Float32Array(size) },
        ],
  );
};

/** Rescaling: `x * scale + offset`. */
export const rescaling: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = onlyInput(layer);
  if (input.mask !== null) {
    throw options.refused(
      'a mask reaches it, which some versions of Keras pass on and some do not',
    );
  }
  const scale = options.numbers('scale', input.size);
  const shift = options.numbers('offset', input.size) ?? new Float32Array(input.size);
  if (scale === undefined) {
    throw options.malformed('it has no scale');
  }
  if (input.form === 'flattened' && !(isUniform(scale) && isUniform(shift))) {
    layer.builder.requireWindow(layer, 'after Flatten it has another scale for each step');
  }
  return affine(layer, input, [{ scale, shift }]);
};

/** The input of a layer that has parameters for each feature. */
function inputByFeature(layer: LayerContext): Tensor {
  const input = onlyInput(layer);
  layer.options.lastAxis('axis', input);
  if (input.form === 'flattened') {
    layer.builder.requireWindow(layer, 'after Flatten it has other parameters for each step');
  }
  return input;
}

function isUniform(values: Float32Array): boolean {
  return values.every((value) => value === values[0]);
}

/** Adds operations `x * scale + shift`, one after the other. Arrays have one float for each feature. */
export function affine(
  { name, builder, options }: LayerContext,
  input: Tensor,
  parts: readonly { readonly scale: Float32Array; readonly shift: Float32Array }[],
): BuiltLayer {
  let { value } = input;
  for (const { scale, shift } of parts) {
    if (![...scale, ...shift].every(Number.isFinite)) {
      throw options.malformed('its numbers leave the range of float32');
    }
    const output = builder.valueLike(value, input.size);
    builder.add({ kind: 'affine', layer: name, input: value, output, scale, shift });
    value = output;
  }
  return { outputs: [{ ...input, value }], streaming: 'pointwise' };
}
