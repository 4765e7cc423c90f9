import { tapsOf } from '../../taps.js';
import { convolved, convolvedByFeature } from '../../window-convolution.js';
import type { SpanSizes } from '../../span.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';
import { activationOf } from '../layer-builder/activation.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { withFeaturesLast } from './features-last.js';
import { onlyGrid, sizesOfAxes, spansOf, type Grid } from './grid.js';

/** The reason why a stream has no convolution over several axes. */
const overGrid = 'it is over several axes of a whole window';

/** Conv2D and Conv3D: over the axes before the features. */
export const convolution = (rank: number): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { options, weights, kerasMajor } = layer;
    const { math, array, taps, grid, sizes } = readConvolution(layer, rank);
    const filters = options.size('filters');
    const groups = options.sizeOfAxis('groups', 1);
    if (grid.features % groups !== 0 || filters % groups !== 0) {
      throw options.malformed(
        `${grid.features} features and ${filters} filters do not make ${groups} groups`,
      );
    }
    const kernel = weights.take('kernel', [...sizes, grid.features / groups, filters]);
    const bias = options.boolean('use_bias', true) ? weights.take('bias', [filters]) : null;
    const activation = activationOf(options, 'activation', 'linear', kerasMajor);
    const made = convolved(math, array, taps, { kernel, bias, filters, groups, activation });
    return builtArray(layer, math, made);
  });

/** DepthwiseConv2D: each feature has filters of its own. */
export const depthwiseConvolution = (rank: number): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { options, weights } = layer;
    options.ignore('filters');
    options.only('groups', 1, 'a depthwise convolution has a group for each feature');
    const { math, made, filters } = byFeature(layer, rank, 'kernel');
    const bias = options.boolean('use_bias', true) ? weights.take('bias', [filters]) : null;
    return finished(layer, math, made, bias);
  });

/** SeparableConv2D: a depthwise convolution, then a dense layer. */
export const separableConvolution = (rank: number): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { options, weights, kerasMajor } = layer;
    options.only('groups', 1, 'a separable convolution has a group for each feature');
    const units = options.size('filters');
    const { math, made, filters } = byFeature(layer, rank, 'depthwise_kernel');
    const ones = Array.from({ length: rank }, () => 1);
    const kernel = weights.take('pointwise_kernel', [...ones, filters, units]);
    const bias = options.boolean('use_bias', true) ? weights.take('bias', [units]) : null;
    const activation = activationOf(options, 'activation', 'linear', kerasMajor);
    const mapped = math.dense(made, filters, units, { kernel, bias, activation });
    return builtArray(layer, math, math.reshape(mapped, [...made.shape.slice(0, -1), units]));
  });

function byFeature(layer: LayerContext, rank: number, name: string) {
  const { options, weights } = layer;
  const { math, array, taps, grid, sizes } = readConvolution(layer, rank);
  const multiplier = options.sizeOfAxis('depth_multiplier', 1);
  const kernel = weights.take(name, [...sizes, grid.features, multiplier]);
  const made = convolvedByFeature(math, array, taps, kernel, multiplier);
  return { math, made, filters: grid.features * multiplier };
}

/** Adds the bias, if there is one, and the activation. */
function finished(
  layer: LayerContext,
  math: ArrayMath,
  made: WindowArray,
  bias: Float32Array | null,
): BuiltLayer {
  const shifted =
    bias === null ? made : math.affine(made, new Float32Array(bias.length).fill(1), bias);
  const activation = activationOf(layer.options, 'activation', 'linear', layer.kerasMajor);
  const output = math.reshape(shifted, made.shape);
  return builtArray(
    layer,
    math,
    activation.kind === 'linear' ? output : math.activate(output, activation),
  );
}

function readConvolution(layer: LayerContext, rank: number) {
  const grid: Grid = onlyGrid(layer, rank);
  const math = arrayMath(layer, overGrid);
  const sizes = sizesOfAxes(layer, 'kernel_size', rank, [1]);
  const strides = sizesOfAxes(layer, 'strides', rank, [1]);
  const dilations = sizesOfAxes(layer, 'dilation_rate', rank, [1]);
  const spanSizes = sizes.map((size, i): SpanSizes => ({
    size,
    stride: strides[i] ?? 1,
    dilation: dilations[i] ?? 1,
  }));
  const taps = tapsOf(grid.sizes, spansOf(layer, grid.sizes, spanSizes));
  return { grid, math, sizes, taps, array: arrayOf(grid.input) };
}
