import { broadcastShape, product } from '../../shape.js';
import type { WindowArray } from '../../window-array.js';
import type { NodeContext } from '../node-context.js';
import { isSameAlong } from '../values/lanes.js';
import { timeAxis, type Axis, type Constant, type Stream } from '../values/value.js';
import { broadcastAxes } from './broadcast-axes.js';
import type { Combination } from './combination.js';
import { spread } from './constants.js';
import { isForOneWindow } from '../values/window-length.js';
import { shapeText } from './operator.js';

/**
 * Combines the floats of a stream with numbers that are known.
 *
 * @param isLeft true where the numbers are the first operand
 * @throws LstmdError `model.refused` for what is not computed exactly, `model.malformed` for shapes that do not fit
 */
export function withConstant(
  node: NodeContext,
  combination: Combination,
  stream: Stream,
  constant: Constant,
  isLeft: boolean,
): Stream {
  // What was learned is added or multiplied; what normalises the samples is subtracted or divided by.
  if (
    constant.shape.length > 0 &&
    (combination.merge === 'add' || combination.merge === 'multiply')
  ) {
    node.note(constant, 'constant');
  }
  node.requireKnown(constant);
  const [number] = constant.data;
  const isUniform = constant.data.every((one: number) => one === number);
  if (stream.flat !== undefined && !isUniform) {
    node.requireWindow('behind a flattened window it has other numbers for each step');
  }
  const own = laneConstant(node, stream, constant);
  const axes = broadcastAxes(node, stream.axes, own.axes);
  const shape = node.stored(axes);
  let array: WindowArray = node.array(stream);
  const { rate, flat } = stream;
  if (product(shape) !== product(array.shape)) {
    if (
      timeAxis(axes) !== timeAxis(stream.axes) + axes.length - stream.axes.length &&
      timeAxis(stream.axes) >= 0
    ) {
      throw node.options.refused('it repeats steps, which is not supported');
    }
    array = node.math.broadcast(array, shape);
  }
  array = { ...array, shape };
  const activation = isUniform ? combination.activation?.(number ?? 0, isLeft) : undefined;
  const made = (value: WindowArray): Stream => ({
    kind: 'stream',
    axes,
    value: value.value,
    rate,
    ...(flat === undefined ? {} : { flat }),
  });
  if (activation !== undefined) {
    return made(node.math.activate(array, activation));
  }
  if (combination.affine === undefined) {
    return made(mergedWithNumbers(node, combination, array, own, isLeft));
  }
  const tail = isUniform ? [shape.at(-1) ?? 1] : tailShape(shape, own.shape);
  const numbers = isUniform
    ? new Float64Array(product(tail)).fill(number ?? 0)
    : spread({ data: own.data, shape: own.shape.slice(-tail.length) }, tail);
  const { scale, shift, first } = combination.affine(numbers, isLeft);
  if (![...scale, ...shift].every(Number.isFinite)) {
    throw node.options.malformed('its numbers leave the range of float32');
  }
  const ready = first === undefined ? array : node.math.activate(array, first);
  return made(node.math.affine(ready, Float32Array.from(scale), Float32Array.from(shift)));
}

/** Min and Max with other numbers for each feature. */
function mergedWithNumbers(
  node: NodeContext,
  { merge, numbers }: Combination,
  array: WindowArray,
  own: LaneConstant,
  isLeft: boolean,
): WindowArray {
  if (merge === null || (merge !== 'minimum' && merge !== 'maximum')) {
    const [a, b] = isLeft ? ['a number', 'floats'] : ['floats', 'several numbers'];
    throw node.options.refused(
      `${a} to the power of ${b} is not supported (${numbers.length} operands)`,
    );
  }
  const constant = node.math.constant(
    array,
    Float32Array.from(spread(own, array.shape)),
    array.shape,
  );
  return node.math.merge(merge, array, constant);
}

/** A constant beside a stream: of one lane, and as the floats of the stream are stored. */
interface LaneConstant {
  readonly data: Constant['data'];
  readonly shape: readonly number[];
  readonly axes: readonly Axis[];
}

/**
 * The part of a constant that a lane's floats meet. Step by step its numbers must be the same for every step.
 *
 * @throws LstmdError `model.refused` for other numbers in each lane of a batch
 */
function laneConstant(node: NodeContext, stream: Stream, constant: Constant): LaneConstant {
  const rank = Math.max(stream.axes.length, constant.shape.length);
  if (
    broadcastShape(
      constant.shape,
      stream.axes.map(({ size }) => size),
    ) === undefined
  ) {
    throw node.options.malformed(
      `its inputs of shapes ${shapeText(stream)} and ${shapeText(constant)} do not fit; where one ${isForOneWindow}`,
    );
  }
  let { data, shape } = constant;
  for (const [i, size] of constant.shape.entries()) {
    const beside = stream.axes[i + rank - constant.shape.length - (rank - stream.axes.length)];
    const isApart = beside?.kind === 'batch' || (beside?.kind === 'time' && node.isStep);
    if (size === 1 || !isApart) {
      continue;
    }
    const inner = product(shape.slice(i + 1));
    const span = size * inner;
    const isSame = isSameAlong({ data, shape }, i);
    if (!isSame && beside.kind === 'batch') {
      throw node.options.refused('it has other numbers for each lane of the batch');
    }
    if (!isSame) {
      node.requireWindow(
        'it has other numbers for each step of the window (a positional encoding)',
      );
    }
    data = data.filter((_: number, at: number) => at % span < inner);
    shape = shape.map((own, axis) => (axis === i ? 1 : own));
  }
  const axes = constant.shape.map((size, i): Axis => {
    const beside = stream.axes[i - constant.shape.length + stream.axes.length];
    return beside !== undefined && beside.size === size ? beside : { size, kind: 'plain' };
  });
  return { data, shape, axes };
}

/** The last axes of a shape, from the first on which a constant differs. */
function tailShape(shape: readonly number[], constant: readonly number[]): number[] {
  const first = shape.findIndex((_, axis) => {
    const own = axis - shape.length + constant.length;
    return own >= 0 && (constant[own] ?? 1) > 1;
  });
  return shape.slice(first < 0 ? -1 : first);
}
