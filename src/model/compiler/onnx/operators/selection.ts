import type { LstmdError } from '../../../../base/errors.js';
import type { NodeContext } from '../node-context.js';
import { axesOf, pickedAlong, renamed, sliced } from '../values/gathered.js';
import { plain, sizesOf, type Axis, type Stream, type Value } from '../values/value.js';
import { checkSize } from './constants.js';
import { isForOneWindow } from '../values/window-length.js';
import { axisOf, type Operator } from './operator.js';

interface Kept {
  readonly from: number;
  readonly step: number;
  readonly count: number;
}

/** Slice: parts of axes; bounds are inputs since opset 10, attributes before. */
export const slice: Operator = (node) => {
  let value = node.input(0);
  const rank = sizesOf(value).length;
  const bounds = (position: number, key: string): readonly number[] | undefined =>
    node.options.ints(key) ?? node.wholes(position, key);
  const starts = bounds(1, 'starts') ?? [];
  const ends = bounds(2, 'ends') ?? [];
  const axes = bounds(3, 'axes') ?? starts.map((_, i) => i);
  const steps = node.wholes(4, 'steps') ?? starts.map(() => 1);
  for (const [i, start] of starts.entries()) {
    const axis = axisOf(node, axes[i] ?? 0, rank);
    const size = sizesOf(value)[axis] ?? 1;
    const step = steps[i] ?? 1;
    const end = ends[i] ?? size;
    if (step === 0) {
      throw node.options.malformed('it steps by 0');
    }
    const clamp = (bound: number): number =>
      Math.min(
        Math.max(bound < 0 ? bound + size : bound, step < 0 ? -1 : 0),
        step < 0 ? size - 1 : size,
      );
    const [from, to] = [clamp(start), end < -size && step < 0 ? -1 : clamp(end)];
    const count = Math.max(0, Math.ceil((to - from) / step));
    value = keptAlong(node, value, axis, { from, step, count });
  }
  return noted(node, value);
};

function noted(
  node: NodeContext,
  ...values: readonly (Value | undefined)[]
): readonly (Value | undefined)[] {
  if (values.some((value) => value?.kind === 'stream')) {
    node.streaming = node.isStep ? 'identity' : 'whole window';
  }
  return values;
}

/** Keeps a part of an axis, which step by step may be the time. */
function keptAlong(node: NodeContext, value: Value, axis: number, kept: Kept): Value {
  const own = axesOf(value)[axis] ?? plain(1);
  if (kept.count === own.size && kept.step === 1) {
    return value;
  }
  if (kept.count === 0) {
    if (value.kind === 'constant') {
      return sliced(node, value, axis, kept, plain(0));
    }
    throw node.options.refused('it keeps nothing');
  }
  if (value.kind === 'stream' && value.flat !== undefined && axis === value.axes.length - 1) {
    node.requireWindow('it keeps a part of a flattened window');
  }
  if (own.kind === 'batch') {
    if (value.kind !== 'constant' && kept.from === 0) {
      return renamed(
        value,
        axesOf(value).map((one, i) => (i === axis ? { size: kept.count, kind: 'batch' } : one)),
      );
    }
    throw picksLanes(node);
  }
  if (value.kind === 'stream' && own.kind === 'time') {
    if (node.isStep) {
      return keptSteps(node, value, axis, kept);
    }
    const size: Axis = kept.count > 1 ? { size: kept.count, kind: 'time' } : plain(1);
    return sliced(node, value, axis, kept, size);
  }
  return sliced(node, value, axis, kept, plain(kept.count));
}

function picksLanes(node: NodeContext): LstmdError {
  const isWrittenOut = node.terms.isPyTorch
    ? "; where this is a step of a loop, PyTorch's exporter wrote the loop or nn.RNN out, and it was not found as one: export nn.LSTM, nn.GRU or nn.RNN with dynamo=False, which keeps them as operators, or one step of a cell of your own with its states as inputs and outputs"
    : '';
  return node.options.refused(`it picks lanes of the batch${isWrittenOut}`);
}

/** Keeps steps of a stream: only the last can be kept, or all but the first. */
function keptSteps(
  node: NodeContext,
  value: Stream,
  axis: number,
  { from, step, count }: Kept,
): Value {
  const { axes, padding } = value;
  const size = axes[axis]?.size ?? 1;
  if (
    padding !== undefined &&
    padding.before === 0 &&
    from === 0 &&
    step === 1 &&
    count === size - padding.after
  ) {
    const { padding: _padding, ...rest } = value;
    return { ...rest, axes: axes.map((own, i) => (i === axis ? { ...own, size: count } : own)) };
  }
  const array = node.array(value);
  if (from === size - 1 && count === 1) {
    const { rate } = value;
    return {
      kind: 'stream',
      axes: axes.map((own, i) => (i === axis ? plain(1) : own)),
      value: array.value,
      rate,
    };
  }
  // Steps counted from the end are no steps from the beginning on where there may be any number.
  const isCounted = node.terms.isTimeKnown || from * 2 < size;
  if (step === 1 && from + count === size && isCounted) {
    const { builder, name } = node;
    const output = builder.valueLike(
      array.value,
      array.shape.reduce((a, b) => a * b, 1),
    );
    builder.add({
      kind: 'skip',
      layer: name,
      input: array.value,
      output,
      count: from,
      countOffset: builder.reserveState(name, 'counter', 1),
    });
    const { first, stride, count: steps } = value.rate;
    return {
      kind: 'stream',
      axes: axes.map((own, i) => (i === axis ? { size: count, kind: 'time' } : own)),
      value: output,
      rate: { first: first + from * stride, stride, count: steps === null ? null : steps - from },
    };
  }
  /** A number of steps for people, counted from the end where there may be any number T. */
  const text = (number: number): string =>
    node.terms.isTimeKnown || number * 2 < size ? `${number}` : `T - ${size - number}`;
  const steps = node.terms.isTimeKnown ? `the ${size}` : 'the T';
  node.requireWindow(
    step < 0 && count > 1
      ? 'it takes the steps of a window from the last to the first (torch.flip), so that its first is the newest sample'
      : count === 1
        ? `it keeps step ${text(from)} of ${steps}, which is not the last`
        : `it keeps ${text(count)} of ${steps} steps of a window`,
  );
  return value;
}

/** Indices that a node may pick. */
const maxPicked = 2 ** 20;

/** Gather: indices of an axis, which are known. */
export const gather: Operator = (node) => {
  const value = node.input(0);
  const at = node.inputs[1];
  if (value.kind === 'constant' && at?.kind !== 'constant') {
    throw node.options.refused(
      'the samples are numbers of words or classes for an Embedding, and a stream has the readings of a sensor',
    );
  }
  const indices = node.constant(1, 'indices');
  const sizes = sizesOf(value);
  const axis = axisOf(node, node.options.int('axis', 0), sizes.length);
  const size = sizes[axis] ?? 1;
  if (indices === undefined) {
    throw node.options.malformed('its indices are missing');
  }
  if (indices.type !== 'whole') {
    throw node.options.malformed('its indices are not whole numbers');
  }
  checkSize(node, indices.shape, maxPicked);
  const picked = [...indices.data].map((index) => (index < 0 ? index + size : index));
  if (picked.some((index) => index < 0 || index >= size)) {
    throw node.options.malformed(
      `it picks index ${[...indices.data].join(', ')} of an axis of ${size}`,
    );
  }
  const [first = 0, second = first + 1] = picked;
  const step = second - first;
  const isRun = picked.every((index, i) => index === first + i * step) && step !== 0;
  const own = axesOf(value)[axis] ?? plain(1);
  let kept: Value;
  if (isRun) {
    kept = keptAlong(node, value, axis, { from: first, step, count: picked.length });
  } else {
    if (own.kind === 'time') {
      node.requireWindow('it picks steps of a window');
    }
    if (own.kind === 'batch' && own.size > 1) {
      throw picksLanes(node);
    }
    kept = pickedAlong(node, value, axis, picked, plain(picked.length));
  }
  if (indices.shape.length === 1) {
    return noted(node, kept);
  }
  const { kind, size: count } = axesOf(kept)[axis] ?? plain(1);
  if (kind === 'batch' && count > 1) {
    throw picksLanes(node);
  }
  if (indices.shape.length > 1 && kind === 'time') {
    node.requireWindow('it puts steps of a window into several axes');
  }
  const axes = axesOf(kept).flatMap((one, i) => (i === axis ? indices.shape.map(plain) : [one]));
  return noted(node, renamed(kept, axes));
};

/** Split: an axis into parts, whose sizes are an input since opset 13. */
export const split: Operator = (node) => {
  const value = node.input(0);
  const sizes = sizesOf(value);
  const axis = axisOf(node, node.options.int('axis', 0), sizes.length);
  const size = sizes[axis] ?? 1;
  const given = node.options.ints('split') ?? node.wholes(1, 'split');
  const count = node.options.int('num_outputs', node.outputs.length);
  const each = Math.ceil(size / count);
  const parts =
    given ??
    Array.from({ length: count }, (_, i) => (i < count - 1 ? each : size - each * (count - 1)));
  if (parts.reduce((a, b) => a + b, 0) !== size || parts.some((part) => part < 0)) {
    throw node.options.malformed(
      `its ${parts.length} parts do not make up an axis of ${size}; where one ${isForOneWindow}`,
    );
  }
  let from = 0;
  const outputs = parts.map((part, i) => {
    const isTaken = (node.outputs[i] ?? '') !== '';
    const kept = isTaken ? keptAlong(node, value, axis, { from, step: 1, count: part }) : undefined;
    from += part;
    return kept;
  });
  return noted(node, ...outputs);
};
