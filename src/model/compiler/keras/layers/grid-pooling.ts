import type { PoolOp } from '../../../plan/step-op.js';
import { tapsOf } from '../../taps.js';
import { pooled } from '../../window-convolution.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { withFeaturesLast } from './features-last.js';
import { onlyGrid, sizesOfAxes, spansOf } from './grid.js';

/** MaxPooling2D and AveragePooling2D: each feature over its neighbours along the axes before it. */
export const gridPooling = (rank: number, operation: PoolOp['operation']): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { input, sizes } = onlyGrid(layer, rank);
    const math = arrayMath(layer, 'it is over several axes of a whole window');
    const poolSizes = sizesOfAxes(layer, 'pool_size', rank, [2]);
    const strides = sizesOfAxes(layer, 'strides', rank, poolSizes);
    const spans = spansOf(
      layer,
      sizes,
      poolSizes.map((size, i) => ({ size, stride: strides[i] ?? 1, dilation: 1 })),
    );
    return builtArray(layer, math, pooled(math, arrayOf(input), tapsOf(sizes, spans), operation));
  });

/** GlobalAveragePooling2D and GlobalMaxPooling2D: each feature over all axes before it. */
export const globalGridPooling = (rank: number, operation: PoolOp['operation']): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { input, features } = onlyGrid(layer, rank);
    const math = arrayMath(layer, 'it is over the steps of a window, and needs all of them');
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    const isKept = layer.options.boolean('keepdims', false);
    const made = math.reduce(arrayOf(input), axes, operation === 'average' ? 'mean' : 'maximum');
    return builtArray(layer, math, isKept ? made : math.reshape(made, [features]));
  });
