import type { PoolOp } from '../plan/step-op.js';
import type { Activation } from '../plan/stream-plan.js';
import { checkValueSize } from './plan-memory.js';
import { product } from './shape.js';
import type { Taps } from './taps.js';
import type { ArrayMath, WindowArray } from './window-array.js';

/** The weights of a convolution over any number of axes. */
export interface ConvolutionWeights {
  /** (taps, inputs / groups, filters); filter f belongs to group `f / (filters / groups)`. */
  readonly kernel: Float32Array;
  /** (filters), or null. */
  readonly bias: Float32Array | null;
  readonly filters: number;
  readonly groups: number;
  readonly activation: Activation;
}

/** A convolution of (..., inputs) to (..., filters): what each output looks at is picked, then multiplied. */
export function convolved(
  math: ArrayMath,
  input: WindowArray,
  taps: Taps,
  { kernel, bias, filters, groups, activation }: ConvolutionWeights,
): WindowArray {
  const inputs = input.shape.at(-1) ?? 1;
  const width = inputs / groups;
  const units = filters / groups;
  const parts = Array.from({ length: groups }, (_, group) =>
    math.dense(picked(math, input, taps, group * width, width), taps.count * width, units, {
      kernel: groups === 1 ? kernel : columnsOf(kernel, filters, group * units, units),
      bias: bias?.slice(group * units, (group + 1) * units) ?? null,
      activation: groups === 1 ? activation : { kind: 'linear' },
    }),
  );
  const [first = input] = parts;
  const joined = groups === 1 ? first : math.concatenate(parts, 1);
  const output = math.reshape(joined, [...taps.shape, filters]);
  return groups === 1 || activation.kind === 'linear' ? output : math.activate(output, activation);
}

/**
 * A convolution of each feature by itself: (..., inputs) to (..., inputs x multiplier).
 *
 * @param kernel (taps, inputs, multiplier)
 */
export function convolvedByFeature(
  math: ArrayMath,
  input: WindowArray,
  taps: Taps,
  kernel: Float32Array,
  multiplier: number,
): WindowArray {
  const inputs = input.shape.at(-1) ?? 1;
  const filters = inputs * multiplier;
  const byFilter = byFeature(math, input, taps, multiplier);
  const scale = kernel.map(
    (_, i) => kernel[(i % taps.count) * filters + Math.floor(i / taps.count)] ?? 0,
  );
  const products = math.affine(byFilter, scale, new Float32Array(scale.length));
  const sums = math.reduce(math.reshape(products, byFilter.shape), [2], 'sum');
  return math.reshape(sums, [...taps.shape, filters]);
}

/** The largest or the mean of what each output looks at, each feature by itself. Padding does not count. */
export function pooled(
  math: ArrayMath,
  input: WindowArray,
  taps: Taps,
  operation: PoolOp['operation'],
): WindowArray {
  const features = input.shape.at(-1) ?? 1;
  const shape = [...taps.shape, features];
  if (operation === 'maximum') {
    const runs = byFeature(math, input, withoutPadding(taps), 1);
    return math.reshape(math.reduce(runs, [2], 'maximum'), shape);
  }
  const sums = math.reduce(byFeature(math, input, taps, 1), [2], 'sum');
  const scale = new Float32Array(product(shape));
  for (let i = 0; i < scale.length; i += 1) {
    const from = Math.floor(i / features) * taps.count;
    const seen = taps.positions.subarray(from, from + taps.count).filter((at) => at >= 0).length;
    scale[i] = 1 / seen;
  }
  const means = math.affine(
    math.reshape(sums, [scale.length]),
    scale,
    new Float32Array(scale.length),
  );
  return math.reshape(means, shape);
}

/** Returns what each output looks at of some features: (outputs, taps x count). */
function picked(
  math: ArrayMath,
  input: WindowArray,
  { positions, count: taps }: Taps,
  from: number,
  count: number,
): WindowArray {
  const inputs = input.shape.at(-1) ?? 1;
  checkValueSize(positions.length * count);
  const indices = new Int32Array(positions.length * count);
  for (let i = 0; i < indices.length; i += 1) {
    const at = positions[Math.floor(i / count)] ?? -1;
    indices[i] = at < 0 ? -1 : at * inputs + from + (i % count);
  }
  return math.gather(input, [positions.length / taps, taps * count], indices);
}

/** Returns what each output looks at, one feature after the other and each `multiplier` times: (outputs, filters, taps). */
function byFeature(
  math: ArrayMath,
  input: WindowArray,
  { positions, count: taps }: Taps,
  multiplier: number,
): WindowArray {
  const inputs = input.shape.at(-1) ?? 1;
  const filters = inputs * multiplier;
  checkValueSize(positions.length * filters);
  const indices = new Int32Array(positions.length * filters);
  for (let i = 0; i < indices.length; i += 1) {
    const filter = Math.floor(i / taps) % filters;
    const output = Math.floor(i / taps / filters);
    const at = positions[output * taps + (i % taps)] ?? -1;
    indices[i] = at < 0 ? -1 : at * inputs + Math.floor(filter / multiplier);
  }
  return math.gather(input, [positions.length / taps, filters, taps], indices);
}

/** The same outputs, which look at one of their inputs twice in place of padding. */
function withoutPadding({ shape, count, positions }: Taps): Taps {
  const filled = positions.map((at, i) => {
    const from = Math.floor(i / count) * count;
    const inside = positions.subarray(from, from + count).find((other) => other >= 0);
    return at < 0 ? (inside ?? -1) : at;
  });
  return { shape, count, positions: filled };
}

/** `count` columns of a matrix of `width` columns. */
function columnsOf(matrix: Float32Array, width: number, from: number, count: number): Float32Array {
  const rows = matrix.length / width;
  return Float32Array.from(
    { length: rows * count },
    (_, i) => matrix[Math.floor(i / count) * width + from + (i % count)] ?? 0,
  );
}
