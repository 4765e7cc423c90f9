import { isSameRate } from '../../rate.js';
import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { axesOf, pickedAlong, sliced } from '../values/gathered.js';
import {
  constantOf,
  plain,
  sizesOf,
  timeAxis,
  type Axis,
  type Constant,
  type Stream,
  type Value,
} from '../values/value.js';
import { checkSize } from './constants.js';
import { axisOf, type Operator } from './operator.js';

/** Concat: one input after the other along an axis. */
export const concat: Operator = (node) => {
  const values = node.inputs
    .map((_, i) => node.input(i))
    .filter((value) => product(sizesOf(value)) > 0);
  const [first] = values;
  if (first === undefined) {
    throw node.options.malformed('it has no input');
  }
  const rank = sizesOf(first).length;
  const axis = axisOf(node, node.options.int('axis', 1), rank);
  for (const value of values) {
    const sizes = sizesOf(value);
    if (
      sizes.length !== rank ||
      sizes.some((size, i) => i !== axis && size !== sizesOf(first)[i])
    ) {
      throw node.options.malformed(
        `its inputs [${sizesOf(first).join(', ')}] and [${sizes.join(', ')}] do not fit in the axes that it does not join`,
      );
    }
  }
  if (values.length === 1) {
    return [first];
  }
  if (values.every((value) => value.kind === 'constant')) {
    return [joinedConstants(node, values, axis)];
  }
  if (values.every((value) => value.kind === 'state')) {
    return [joinedIds(node, values, axis)];
  }
  if (values.some((value) => isOfLanes(axesOf(value)[axis]))) {
    throw node.options.refused('it joins lanes of the batch: export the model with a batch of 1');
  }
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  return [joinedStreams(node, values, axis)];
};

function isOfLanes({ kind, size }: Axis = plain(1)): boolean {
  return kind === 'batch' && size > 1;
}

type NumberArray = Float32Array | Float64Array | Int32Array;

/** Fills an array with rows of each part one after the other, for each index of the axes before. */
function interleaved<T extends NumberArray>(
  result: T,
  parts: readonly { readonly numbers: NumberArray; readonly run: number }[],
  rows: number,
): T {
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    for (const { numbers, run } of parts) {
      result.set(numbers.subarray(row * run, (row + 1) * run), at);
      at += run;
    }
  }
  return result;
}

function joinedConstants(node: NodeContext, values: readonly Constant[], axis: number): Constant {
  const [first] = values;
  const shape = (first?.shape ?? []).map((size, i) =>
    i === axis ? values.reduce((sum, value) => sum + (value.shape[axis] ?? 0), 0) : size,
  );
  checkSize(node, shape);
  const parts = values.map((value) => ({
    numbers: value.data,
    run: product(value.shape.slice(axis)),
  }));
  return constantOf(
    first?.type ?? 'float',
    shape,
    interleaved(new Float64Array(product(shape)), parts, product(shape.slice(0, axis))),
  );
}

function joinedIds(node: NodeContext, values: readonly Value[], axis: number): Value {
  const axes = joinedAxes(values, axis);
  checkSize(node, node.stored(axes));
  const parts = values.map((value) => ({
    numbers: value.kind === 'state' ? value.ids : new Int32Array(0),
    run: product(node.stored(axesOf(value)).slice(axis)),
  }));
  const shape = node.stored(axes);
  const ids = interleaved(new Int32Array(product(shape)), parts, product(shape.slice(0, axis)));
  return { kind: 'state', axes, ids };
}

function joinedAxes(values: readonly Value[], axis: number): Axis[] {
  const size = values.reduce((sum, value) => sum + (sizesOf(value)[axis] ?? 0), 0);
  const stream = values.find((value) => value.kind !== 'constant') ?? values[0];
  // A step that is repeated beside a window (a padding by its edges) is a part of the window that they make.
  const isTime = values.some((value) => axesOf(value)[axis]?.kind === 'time');
  return (stream === undefined ? [] : axesOf(stream)).map((own, i) =>
    i === axis ? { size, kind: isTime ? 'time' : 'plain' } : own,
  );
}

function joinedStreams(node: NodeContext, values: readonly Value[], axis: number): Value {
  const like = values.find((value) => value.kind === 'stream');
  if (like === undefined || values.some((value) => value.kind === 'state')) {
    throw node.options.refused('it joins a state with what is none');
  }
  const axes = joinedAxes(values, axis);
  checkSize(node, node.stored(axes));
  if (node.isStep) {
    const padded = paddedBefore(node, values, axis);
    if (padded !== undefined) {
      return padded;
    }
    checkMeeting(node, values, axis);
  }
  const streams = values.map((value) =>
    value.kind === 'stream' ? value : constantStream(node, value, like),
  );
  const finals = streams.every((stream) => stream.finals !== undefined)
    ? interleaved(
        new Int32Array(product(node.stored(axes))),
        streams.map((stream) => ({
          numbers: stream.finals ?? new Int32Array(0),
          run: product(node.stored(stream.axes).slice(axis)),
        })),
        product(node.stored(axes).slice(0, axis)),
      )
    : undefined;
  const { value } = node.math.concatenate(
    streams.map((stream) => node.array(stream)),
    axis,
  );
  return {
    kind: 'stream',
    axes,
    value,
    rate: like.rate,
    ...(finals === undefined ? {} : { finals }),
  };
}

/** Step by step, what is joined comes at the same samples, and is not joined along the time. */
function checkMeeting(node: NodeContext, values: readonly Value[], axis: number): void {
  const streams = values.filter((value): value is Stream => value.kind === 'stream');
  const [first] = streams;
  for (const stream of streams) {
    if (
      first === undefined ||
      timeAxis(stream.axes) !== timeAxis(first.axes) ||
      timeAxis(stream.axes) === axis ||
      !isSameRate(stream.rate, first.rate) ||
      stream.flat !== undefined
    ) {
      node.requireWindow('it puts whole windows together, or its inputs come at different samples');
    }
  }
}

/** Zeros before the steps of a stream are the padding of a convolution. */
function paddedBefore(
  node: NodeContext,
  values: readonly Value[],
  axis: number,
): Value | undefined {
  const [zeros, stream, ...others] = values;
  const isPadding =
    others.length === 0 &&
    zeros?.kind === 'constant' &&
    stream?.kind === 'stream' &&
    stream.padding === undefined &&
    timeAxis(stream.axes) === axis &&
    zeros.data.every((number: number) => number === 0);
  if (!isPadding) {
    return undefined;
  }
  const before = zeros.shape[axis] ?? 0;
  return {
    ...stream,
    axes: joinedAxes(values, axis),
    padding: { before, after: 0, node },
  };
}

/** Numbers that are known, beside a stream: of one lane, and step by step of one step. */
function constantStream(node: NodeContext, value: Value, like: Stream): Stream {
  if (value.kind !== 'constant') {
    throw new RangeError('only a constant becomes a stream');
  }
  node.requireKnown(value);
  let own: Value = value;
  for (const [axis, { kind }] of like.axes.entries()) {
    if (kind === 'batch' || (kind === 'time' && node.isStep)) {
      const size = sizesOf(own)[axis] ?? 1;
      const first = sliced(node, own, axis, { from: 0, step: 1, count: 1 }, plain(1));
      const again = pickedAlong(
        node,
        first,
        axis,
        Array.from({ length: size }, () => 0),
        plain(size),
      );
      const isSame =
        own.kind === 'constant' &&
        again.kind === 'constant' &&
        own.data.every((number: number, i: number) => number === again.data[i]);
      if (!isSame) {
        node.requireWindow('it has other numbers for each step of the window');
      }
      own = first;
    }
  }
  const numbers = own.kind === 'constant' ? Float32Array.from(own.data) : new Float32Array(0);
  const axes = sizesOf(value).map((size, i): Axis => ({
    kind: like.axes[i]?.kind ?? 'plain',
    size,
  }));
  const array = node.math.constant(node.array(like), numbers, sizesOf(own));
  return node.made(array, axes, like.rate);
}
