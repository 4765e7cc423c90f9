import { product } from '../../shape.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { withFeaturesLast } from './features-last.js';
import { onlyGrid, sizesOfAxes } from './grid.js';

/** ZeroPadding2D: zeros at both ends of each axis before the features. */
export const gridPadding = (rank: number): LayerBuilder =>
  withEnds(rank, 'padding', ({ before, after }) => ({ from: -before, added: before + after }));

/** Cropping2D: drops indices at both ends of each axis before the features. */
export const gridCropping = (rank: number): LayerBuilder =>
  withEnds(rank, 'cropping', ({ before, after }) => ({ from: before, added: -before - after }));

interface Ends {
  readonly before: number;
  readonly after: number;
}

/** @param moved the index at which each axis begins, and how many indices more it has */
function withEnds(
  rank: number,
  key: string,
  moved: (ends: Ends) => { readonly from: number; readonly added: number },
): LayerBuilder {
  return withFeaturesLast((layer) => {
    const { input, sizes, features } = onlyGrid(layer, rank);
    const math = arrayMath(layer, 'it changes the steps of a whole window');
    const ends = readEnds(layer, key, rank).map(moved);
    const shape = sizes.map((size, axis) => size + (ends[axis]?.added ?? 0));
    if (shape.some((size) => size < 1)) {
      throw layer.options.malformed('nothing is left of its input');
    }
    const indices = Int32Array.from(
      { length: math.checkedFloats([...shape, features]) },
      (_, i) => {
        let at = 0;
        for (const [axis, size] of shape.entries()) {
          const behind = product(shape.slice(axis + 1)) * features;
          const index = (Math.floor(i / behind) % size) + (ends[axis]?.from ?? 0);
          const length = sizes[axis] ?? 1;
          if (index < 0 || index >= length) {
            return -1;
          }
          at = at * length + index;
        }
        return at * features + (i % features);
      },
    );
    return builtArray(layer, math, math.gather(arrayOf(input), [...shape, features], indices));
  });
}

/** One number for all, one for each axis, or two for the ends of each axis. */
function readEnds({ options }: LayerContext, key: string, rank: number): readonly Ends[] {
  const value = plainValue(options.raw(key) ?? 1);
  const list: readonly unknown[] = Array.isArray(value)
    ? value
    : Array.from({ length: rank }, () => value);
  const ends = list.map((entry): Ends => {
    const plain = plainValue(entry);
    const pair: readonly unknown[] = Array.isArray(plain) ? plain : [plain, plain];
    const [before, after] = pair;
    if (!isCount(before) || !isCount(after) || pair.length !== 2) {
      throw options.malformed(`${key} is ${shortText(value)}, not whole numbers`);
    }
    return { before, after };
  });
  if (ends.length !== rank) {
    throw options.malformed(
      `${key} is ${shortText(value)}, not one entry for each of ${rank} axes`,
    );
  }
  return ends;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** UpSampling2D: every index of the axes before the features several times. */
export const gridUpSampling = (rank: number): LayerBuilder =>
  withFeaturesLast((layer) => {
    const { options } = layer;
    options.only('interpolation', 'nearest', 'only repeated indices are supported');
    const { input, sizes, features } = onlyGrid(layer, rank);
    const math = arrayMath(layer, 'it makes several steps of one, and no sample brings them');
    const times = sizesOfAxes(layer, 'size', rank, [2]);
    const each = math.reshape(arrayOf(input), [...sizes.flatMap((size) => [size, 1]), features]);
    const wide = [...sizes.flatMap((size, axis) => [size, times[axis] ?? 1]), features];
    const shape = [...sizes.map((size, axis) => size * (times[axis] ?? 1)), features];
    math.checkedFloats(shape);
    return builtArray(layer, math, math.reshape(math.broadcast(each, wide), shape));
  });
