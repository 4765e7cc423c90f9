import { isSameRate } from '../../rate.js';
import { product } from '../../shape.js';
import type { WindowArray } from '../../window-array.js';
import type { NodeContext } from '../node-context.js';
import { axesOf, gathered } from '../values/gathered.js';
import { constantOf, plain, sizesOf, timeAxis, type Stream, type Value } from '../values/value.js';
import type { Operator } from './operator.js';
import { positionsAlong, positionsOfRows } from './positions.js';

/** GatherElements: an index of an axis for each number that it gives. */
export const gatherElements: Operator = (node) => {
  const value = node.input(0);
  const indices = node.constant(1, 'indices');
  const axis = node.options.int('axis', 0);
  const positions = indices && positionsAlong(sizesOf(value), indices, axis);
  return [picked(node, value, positions, indices?.shape ?? [])];
};

/** GatherND: rows of indices, each of which names the whole of the axes behind. */
export const gatherRows: Operator = (node) => {
  const value = node.input(0);
  const indices = node.constant(1, 'indices');
  if (node.options.int('batch_dims', 0) !== 0) {
    throw node.options.refused('batch_dims above 0 is not supported');
  }
  const sizes = sizesOf(value);
  const positions = indices && positionsOfRows(sizes, indices);
  const depth = indices?.shape.at(-1) ?? 0;
  return [
    picked(node, value, positions, [...(indices?.shape.slice(0, -1) ?? []), ...sizes.slice(depth)]),
  ];
};

function picked(
  node: NodeContext,
  value: Value,
  positions: Int32Array | undefined,
  shape: readonly number[],
): Value {
  const [, indices] = node.inputs;
  if (positions === undefined || indices?.kind !== 'constant') {
    throw node.options.malformed('its indices do not fit its input');
  }
  node.requireKnown(indices);
  requireOneLane(node, value);
  if (value.kind === 'stream') {
    node.streaming = node.isStep ? 'identity' : 'whole window';
  }
  return gathered(node, value, shape.map(plain), positions);
}

/** ScatterND and ScatterElements: a tensor of which some numbers are written over. */
export const scatter =
  (areRows: boolean): Operator =>
  (node) => {
    const { options } = node;
    const [data, indices, updates] = [node.input(0), node.constant(1, 'indices'), node.input(2)];
    const axis = areRows ? 0 : options.int('axis', 0);
    const reduction = options.string('reduction', 'none');
    const sizes = sizesOf(data);
    const positions =
      indices && (areRows ? positionsOfRows(sizes, indices) : positionsAlong(sizes, indices, axis));
    if (indices !== undefined) {
      node.requireKnown(indices);
    }
    if (reduction !== 'none') {
      throw options.refused(`reduction="${reduction}" is not supported`);
    }
    if (positions === undefined || product(sizesOf(updates)) !== positions.length) {
      throw options.malformed('its indices do not fit what it writes into, or what it writes');
    }
    if (new Set(positions).size < positions.length) {
      throw options.refused('it writes a number twice, and the standard does not say which stays');
    }
    // Behind the tensor's own numbers stand those that are written.
    const from = Int32Array.from({ length: product(sizes) }, (_, i) => i);
    for (const [i, position] of positions.entries()) {
      from[position] = product(sizes) + i;
    }
    return [written(node, data, updates, from)];
  };

function written(node: NodeContext, data: Value, updates: Value, from: Int32Array): Value {
  if (data.kind === 'constant' && updates.kind === 'constant') {
    const all = [...data.data, ...updates.data];
    return constantOf(
      data.type,
      data.shape,
      Float64Array.from(from, (i) => all[i] ?? 0),
    );
  }
  const streams = [data, updates].filter((value): value is Stream => value.kind === 'stream');
  const [like, other = like] = streams;
  if (like === undefined || data.kind === 'state' || updates.kind === 'state') {
    throw node.options.refused('it writes among the numbers of a state, which is not supported');
  }
  const parts = [data, updates].map((value): WindowArray => {
    requireOneLane(node, value);
    const numbers = product(sizesOf(value));
    return value.kind === 'stream'
      ? node.math.reshape(node.array(value), [numbers])
      : node.math.constant(node.array(like), node.floats(value, 'numbers'), [numbers]);
  });
  if (node.isStep && !isSameRate(like.rate, other?.rate ?? like.rate)) {
    node.requireWindow('its inputs come at different samples');
  }
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const axes = axesOf(data);
  const joined = node.math.concatenate(parts, 0);
  return node.made(node.math.gather(joined, node.stored(axes), from), axes, like.rate);
}

/** Positions are those of a tensor of one lane, and step by step of one without a time. */
function requireOneLane(node: NodeContext, value: Value): void {
  if (value.kind === 'constant') {
    return;
  }
  if (value.axes.some(({ kind, size }) => kind === 'batch' && size > 1)) {
    throw node.options.refused(
      'it may mix the lanes of the batch: export the model with a batch of 1',
    );
  }
  if (value.kind === 'stream' && (timeAxis(value.axes) >= 0 || value.flat !== undefined)) {
    node.requireWindow('it picks or writes numbers of a window by their positions');
  }
}
