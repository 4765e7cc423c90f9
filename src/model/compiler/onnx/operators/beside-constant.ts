import type { Activation } from '../../../plan/stream-plan.js';
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
  const tail = isUniform ? [shape.at(-1) ?? 1] : tailShape(shape, own.shape);
  const numbers = isUniform
    ? new Float64Array(product(tail)).fill(number ?? 0)
    : spread({ data: own.data, shape: own.shape.slice(-tail.length) }, tail);
  const affine = combination.affine?.(numbers, isLeft);
  if (affine === undefined) {
    return made(withEachNumber(node, combination, array, own));
  }
  const { scale, shift, first, last } = affine;
  if (![...scale, ...shift].every(Number.isFinite)) {
    throw node.options.malformed('its numbers leave the range of float32');
  }
  const ready = first === undefined ? array : node.math.activate(array, first);
  const scaled = node.math.affine(ready, Float32Array.from(scale), Float32Array.from(shift));
  return made(last === undefined ? scaled : node.math.activate(scaled, last));
}

/** Min, Max and Pow with other numbers for each feature on the right. */
function withEachNumber(
  node: NodeContext,
  { merge, activation }: Combination,
  array: WindowArray,
  own: LaneConstant,
): WindowArray {
  if (merge === null) {
    const numbers = spread(own, array.shape);
    return activatedByNumber(node, array, numbers, (number) => activation?.(number, false));
  }
  const constant = node.math.constant(
    array,
    Float32Array.from(spread(own, array.shape)),
    array.shape,
  );
  return node.math.merge(merge, array, constant);
}

/** Numbers of a constant, each of which takes operations of its own. */
const maxDistinct = 256;

/** A function of each float that hangs on the number beside it: the floats beside the same number are computed together. */
function activatedByNumber(
  node: NodeContext,
  array: WindowArray,
  numbers: Float64Array,
  activationOf: (number: number) => Activation | undefined,
): WindowArray {
  const groups = new Map<number, number[]>();
  for (const [i, number] of numbers.entries()) {
    const group = groups.get(number);
    if (group === undefined) {
      groups.set(number, [i]);
    } else {
      group.push(i);
    }
  }
  if (groups.size > maxDistinct) {
    throw node.options.refused(
      `it has ${groups.size} different numbers, more than ${maxDistinct}, each of which is computed by itself`,
    );
  }
  const parts = [...groups].map(([number, indices]) => {
    const part = node.math.gather(array, [indices.length], Int32Array.from(indices));
    const activation = activationOf(number);
    return activation === undefined ? part : node.math.activate(part, activation);
  });
  const back = new Int32Array(numbers.length);
  for (const [i, from] of [...groups.values()].flat().entries()) {
    back[from] = i;
  }
  return node.math.gather(node.math.concatenate(parts, 0), array.shape, back);
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
