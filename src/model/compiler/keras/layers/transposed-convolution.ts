import { samePadding } from '../../span.js';
import { transposedTapsOf } from '../../taps.js';
import { convolved } from '../../window-convolution.js';
import { activationOf } from '../layer-builder/activation.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { withFeaturesLast } from './features-last.js';
import { onlyGrid, sizesOfAxes } from './grid.js';

/** Conv1DTranspose and Conv2DTranspose: each input is spread over several outputs. */
export const transposedConvolution = (rank: number): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { options, weights, kerasMajor } = layer;
    const { input, sizes, features } = onlyGrid(layer, rank);
    const math = arrayMath(layer, 'it makes several steps of one, and no sample brings them');
    const filters = options.size('filters');
    options.only('groups', 1, 'groups of a transposed convolution are not supported');
    const kernelSizes = sizesOfAxes(layer, 'kernel_size', rank, [1]);
    const strides = sizesOfAxes(layer, 'strides', rank, [1]);
    const dilations = sizesOfAxes(layer, 'dilation_rate', rank, [1]);
    const added = addedOf(layer, rank);
    const axes = kernelSizes.map((size, i) => {
      const spanSizes = { size, stride: strides[i] ?? 1, dilation: dilations[i] ?? 1 };
      return alongAxis(layer, sizes[i] ?? 1, spanSizes, added?.[i] ?? null);
    });
    const taps = transposedTapsOf(
      sizes,
      axes.map(({ span }) => span),
      axes.map(({ outputs }) => outputs),
    );
    const stored = weights.take('kernel', [...kernelSizes, filters, features]);
    const bias = options.boolean('use_bias', true) ? weights.take('bias', [filters]) : null;
    const activation = activationOf(options, 'activation', 'linear', kerasMajor);
    const kernel = withInputsFirst(stored, filters, features);
    const made = convolved(math, arrayOf(input), taps, {
      kernel,
      bias,
      filters,
      groups: 1,
      activation,
    });
    return builtArray(layer, math, made);
  });

/** The outputs along one axis and the zeros around them, as Keras and TensorFlow work them out. */
function alongAxis(
  { options }: LayerContext,
  inputs: number,
  span: { readonly size: number; readonly stride: number; readonly dilation: number },
  added: number | null,
) {
  const { size, stride, dilation } = span;
  const reach = dilation * (size - 1) + 1;
  const padding = options.raw('padding') ?? 'valid';
  if (padding === 'valid') {
    const extra = added ?? Math.max(reach, stride) - reach;
    const outputs = (inputs - 1) * stride + reach + extra;
    return { outputs, span: { ...span, before: 0, after: 0 } };
  }
  if (padding !== 'same') {
    throw options.malformed(`padding ${shortText(padding)} is not known`);
  }
  const outputs = added === null ? inputs * stride : (inputs - 1) * stride + (reach % 2) + added;
  const ends = samePadding(outputs, span) ?? { before: 0, after: 0 };
  return { outputs, span: { ...span, ...ends } };
}

function addedOf({ options }: LayerContext, rank: number): readonly number[] | null {
  const value = plainValue(options.raw('output_padding') ?? null);
  if (value === null) {
    return null;
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const each = list.length === 1 ? Array.from({ length: rank }, () => list[0]) : list;
  return each.map((size) => {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw options.malformed(`output_padding ${shortText(value)} is not whole numbers`);
    }
    return size;
  });
}

/** (taps, filters, inputs) as (taps, inputs, filters). */
function withInputsFirst(stored: Float32Array, filters: number, inputs: number): Float32Array {
  return stored.map((_, i) => {
    const tap = Math.floor(i / (filters * inputs));
    const input = Math.floor(i / filters) % inputs;
    return stored[(tap * filters + (i % filters)) * inputs + input] ?? 0;
  });
}
