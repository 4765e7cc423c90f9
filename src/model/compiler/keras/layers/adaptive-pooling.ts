import type { PoolOp } from '../../../plan/step-op.js';
import { adaptiveTapsOf } from '../../taps.js';
import { pooled } from '../../window-convolution.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { withFeaturesLast } from './features-last.js';
import { onlyGrid, sizesOfAxes } from './grid.js';

/** AdaptiveMaxPooling1D and its kin: each feature over parts of the axes before it, of which there are as many as asked for. */
export const adaptivePooling = (rank: number, operation: PoolOp['operation']): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { input, sizes } = onlyGrid(layer, rank);
    const math = arrayMath(layer, 'it divides the steps of a window, and needs all of them');
    const taps = adaptiveTapsOf(sizes, sizesOfAxes(layer, 'output_size', rank, []));
    return builtArray(layer, math, pooled(math, arrayOf(input), taps, operation));
  });
