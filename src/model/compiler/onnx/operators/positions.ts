import { product, stridesOf } from '../../shape.js';
import type { Constant } from '../values/value.js';

/** Positions that are looked at: more is no part of a model of a sensor stream. */
const maxPositions = 2 ** 22;

type Indices = Pick<Constant, 'shape' | 'data'>;

/**
 * The flat positions in a tensor that rows of indices name, one for each of its first axes, as GatherND and ScatterND
 * take them: each row is the whole of the axes behind.
 *
 * @returns undefined for an index that the tensor does not have, and for too many
 */
export function positionsOfRows(
  sizes: readonly number[],
  { shape, data }: Indices,
): Int32Array | undefined {
  const depth = shape.at(-1) ?? 0;
  const strides = stridesOf(sizes);
  const rows = product(shape.slice(0, -1));
  const run = product(sizes.slice(depth));
  if (shape.length === 0 || depth > sizes.length || !(rows * run <= maxPositions)) {
    return undefined;
  }
  const positions = new Int32Array(rows * run);
  for (let row = 0; row < rows; row += 1) {
    let from = 0;
    for (let axis = 0; axis < depth; axis += 1) {
      from += indexOf(data[row * depth + axis], sizes[axis]) * (strides[axis] ?? 0);
    }
    if (Number.isNaN(from)) {
      return undefined;
    }
    for (let i = 0; i < run; i += 1) {
      positions[row * run + i] = from + i;
    }
  }
  return positions;
}

/**
 * The flat positions in a tensor of each of some indices of an axis, which stand at the other axes' own, as GatherElements
 * and ScatterElements take them.
 *
 * @returns undefined for an index that the tensor does not have, and for too many
 */
export function positionsAlong(
  sizes: readonly number[],
  { shape, data }: Indices,
  given: number,
): Int32Array | undefined {
  const along = given < 0 ? given + sizes.length : given;
  const [strides, own] = [stridesOf(sizes), stridesOf(shape)];
  const fits =
    shape.length === sizes.length &&
    sizes[along] !== undefined &&
    shape.every((size, axis) => axis === along || size <= (sizes[axis] ?? 0));
  if (!fits || !(data.length <= maxPositions)) {
    return undefined;
  }
  const positions = new Int32Array(data.length);
  for (let at = 0; at < data.length; at += 1) {
    let position = indexOf(data[at], sizes[along]) * (strides[along] ?? 0);
    for (const [axis, stride] of own.entries()) {
      const place = Math.floor(at / stride) % (shape[axis] ?? 1);
      position += axis === along ? 0 : place * (strides[axis] ?? 0);
    }
    if (Number.isNaN(position)) {
      return undefined;
    }
    positions[at] = position;
  }
  return positions;
}

/** An index counted from 0, which may be written from the end; NaN for one that the axis does not have. */
function indexOf(index = Number.NaN, size = 0): number {
  const own = index < 0 ? index + size : index;
  return Number.isInteger(own) && own >= 0 && own < size ? own : Number.NaN;
}
