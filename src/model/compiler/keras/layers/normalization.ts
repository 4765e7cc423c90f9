import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput, onlyInput } from '../layer-builder/layer-inputs.js';
import { product } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';

/** BatchNormalization: at inference, a scale and a shift for each feature, or index of another axis. */
export const batchNormalization: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  const input = anyInput(layer);
  options.ignore('momentum', 'synchronized', 'virtual_batch_size', 'adjustment', 'fused');
  options.ignore('renorm', 'renorm_clipping', 'renorm_momentum', 'mode', 'gamma_init', 'beta_init');
  const epsilon = options.number('epsilon', 1e-3);
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(input));
  const [axis] = axes;
  if (axis === undefined || axes.length > 1) {
    throw options.refused('several axes are not supported');
  }
  const isFeatures = axis === rankOf(input) - 1 && input.form !== 'flattened';
  const size = sizeOfAxis(layer, input, axis);
  const gamma = options.boolean('scale', true) ? weights.take('gamma', [size]) : undefined;
  const beta = options.boolean('center', true) ? weights.take('beta', [size]) : undefined;
  const mean = weights.take('moving_mean', [size]);
  const variance = weights.take('moving_variance', [size]);
  const scale = variance.map((value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon));
  if (!scale.every(Number.isFinite)) {
    throw options.malformed('its moving variance is below zero: the training went wrong');
  }
  const shift = mean.map((value, i) => (beta?.[i] ?? 0) - value * (scale[i] ?? 0));
  if (isFeatures && input.form !== 'array') {
    return affine(layer, input, [{ scale, shift }]);
  }
  const output = overAxes(layer, input, axes, (rows) => rows.affine(scale, shift));
  return { outputs: [output], streaming: 'whole window' };
};

/** LayerNormalization over the features, or over other axes of a whole window. */
export const layerNormalization: LayerBuilder = (layer) => {
  const { options, weights, builder } = layer;
  const input = anyInput(layer);
  const epsilon = options.number('epsilon', 1e-3);
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(input));
  const shape = axes.map((axis) => sizeOfAxis(layer, input, axis));
  const size = product(shape);
  if (options.boolean('rms_scaling', false)) {
    throw options.refused('rms_scaling=true: scaling by the variance is not supported');
  }
  const gamma = options.boolean('scale', true) ? weights.take('gamma', shape) : null;
  const beta = options.boolean('center', true) ? weights.take('beta', shape) : null;
  if (gamma !== null && gamma.length !== size) {
    throw options.malformed('its gamma does not fit its axes');
  }
  const output = overAxes(layer, input, axes, (rows) => rows.normalize(epsilon, gamma, beta));
  const streaming = builder.kind === 'step' ? 'pointwise' : 'whole window';
  return { outputs: [output], streaming };
};

function sizeOfAxis({ options }: LayerContext, input: Tensor, axis: number): number {
  const size =
    axis === rankOf(input) - 1 && input.form !== 'flattened' ? input.size : shapeOf(input)[axis];
  if (size === null || size === undefined) {
    throw options.refused('over any number of steps it has no size; give a window');
  }
  return size;
}

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
