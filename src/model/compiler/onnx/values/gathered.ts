import { product, stridedIndices, stridesOf } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { plain, storedShape, type Axis, type Constant, type Stream, type Value } from './value.js';

/** The axes of any value; those of a constant are plain. */
export function axesOf(value: Value): readonly Axis[] {
  return value.kind === 'constant' ? value.shape.map(plain) : value.axes;
}

/**
 * A value of other axes whose floats are those at `indices`, as they are stored, of another; 0 where an index is -1.
 * It is how everything moves that is not computed with: weights, states and what streams.
 */
export function gathered(
  node: NodeContext,
  value: Value,
  axes: readonly Axis[],
  indices: Int32Array,
): Value {
  switch (value.kind) {
    case 'constant':
      return {
        kind: 'constant',
        type: value.type,
        shape: axes.map(({ size }) => size),
        data: picked(value.data, indices),
        name: null,
      };
    case 'state':
      if (indices.includes(-1)) {
        throw node.options.refused('zeros among the numbers of a state are not supported');
      }
      return { kind: 'state', axes, ids: indices.map((i) => value.ids[i] ?? 0) };
    case 'stream': {
      const { finals, value: id, rate, padding, flat } = value;
      if (flat !== undefined && node.isStep) {
        node.requireWindow('it takes a flattened window apart');
      }
      node.requireFinite(value);
      const array = { value: id, shape: node.stored(value.axes) };
      return {
        kind: 'stream',
        axes,
        rate,
        value: node.math.gather(array, node.stored(axes), indices).value,
        ...(padding === undefined ? {} : { padding }),
        ...(finals === undefined ? {} : { finals: indices.map((i) => finals[i] ?? -1) }),
      };
    }
  }
}

/** A stream that was only moved, which is one still. */
export function streamOf(value: Value): Stream {
  if (value.kind !== 'stream') {
    throw new RangeError('what moves a stream gives a stream');
  }
  return value;
}

function picked(data: Constant['data'], indices: Int32Array): Constant['data'] {
  const numbers =
    data instanceof Float32Array
      ? new Float32Array(indices.length)
      : new Float64Array(indices.length);
  for (const [i, index] of indices.entries()) {
    numbers[i] = index < 0 ? 0 : (data[index] ?? 0);
  }
  return numbers;
}

/** The shape of a value's floats as they are stored. */
export function storedOf(node: NodeContext, value: Value): number[] {
  return value.kind === 'constant' ? [...value.shape] : node.stored(value.axes);
}

/** The same floats in the same order under other axes of as many. */
export function renamed(value: Value, axes: readonly Axis[]): Value {
  return value.kind === 'constant'
    ? { ...value, shape: axes.map(({ size }) => size) }
    : { ...value, axes };
}

/** Axis i of the result is axis `order[i]`. */
export function transposed(node: NodeContext, value: Value, order: readonly number[]): Value {
  const from = storedOf(node, value);
  const strides = stridesOf(from);
  const all = axesOf(value);
  const axes = order.map((axis) => all[axis] ?? plain(1));
  const shape = order.map((axis) => from[axis] ?? 1);
  const indices = stridedIndices(
    shape,
    order.map((axis) => strides[axis] ?? 0),
  );
  return gathered(node, value, axes, indices);
}

/** Keeps `count` indices of an axis, every `step`-th from `from` on; the axis becomes `axis`. */
export function sliced(
  node: NodeContext,
  value: Value,
  at: number,
  { from, step, count }: { readonly from: number; readonly step: number; readonly count: number },
  axis: Axis,
): Value {
  return pickedAlong(
    node,
    value,
    at,
    Array.from({ length: count }, (_, i) => from + i * step),
    axis,
  );
}

/** Keeps these indices of an axis, -1 for zeros; the axis becomes `axis`. */
export function pickedAlong(
  node: NodeContext,
  value: Value,
  at: number,
  kept: readonly number[],
  axis: Axis,
): Value {
  const from = storedOf(node, value);
  const length = from[at] ?? 1;
  const inner = product(from.slice(at + 1));
  const outer = product(from.slice(0, at));
  const indices = new Int32Array(outer * kept.length * inner);
  let i = 0;
  for (let o = 0; o < outer; o += 1) {
    for (const index of kept) {
      for (let n = 0; n < inner; n += 1) {
        indices[i] = index < 0 ? -1 : (o * length + index) * inner + n;
        i += 1;
      }
    }
  }
  const axes = axesOf(value).map((own, position) => (position === at ? axis : own));
  return gathered(node, value, axes, indices);
}

/** Repeats axes of one, and adds axes in front. */
export function broadcasted(node: NodeContext, value: Value, axes: readonly Axis[]): Value {
  const from = storedOf(node, value);
  const shape =
    value.kind === 'constant' ? axes.map(({ size }) => size) : storedShape(axes, node.isStep);
  const strides = stridesOf(from);
  const added = shape.length - from.length;
  const repeated = shape.map((_, axis) =>
    axis < added || from[axis - added] === 1 ? 0 : (strides[axis - added] ?? 0),
  );
  return gathered(node, value, axes, stridedIndices(shape, repeated));
}
