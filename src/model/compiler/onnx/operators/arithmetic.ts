import type { MergeOp } from '../../../plan/step-op.js';
import type { Activation } from '../../../plan/stream-plan.js';
import { isSameRate } from '../../rate.js';
import { broadcastShape, product } from '../../shape.js';
import type { WindowArray } from '../../window-array.js';
import type { NodeContext } from '../node-context.js';
import { timeAxis, type Axis, type Constant, type Stream } from '../values/value.js';
import { combined, spread } from './constants.js';
import { errorFunctionBeside, geluOf, scaledBy } from './gelu-parts.js';
import { shapeText, type Operator } from './operator.js';

/** How an operator combines floats with a number that is known. */
interface Combination {
  readonly numbers: (a: number, b: number) => number;
  readonly merge: MergeOp['operation'] | null;
  /** `x` with a constant `c` on its right or on its left, as `x scale + shift`. */
  readonly affine?: (
    c: Float64Array,
    isLeft: boolean,
  ) => { readonly scale: Float64Array; readonly shift: Float64Array; readonly first?: Activation };
  /** `x` with one number, as a function of each float. */
  readonly activation?: (c: number, isLeft: boolean) => Activation | undefined;
}

const ones = (c: Float64Array, by = 1): Float64Array => new Float64Array(c.length).fill(by);
const zeros = (c: Float64Array): Float64Array => new Float64Array(c.length);
const negative = (c: Float64Array): Float64Array => c.map((x) => -x);

const add: Combination = {
  numbers: (a, b) => a + b,
  merge: 'add',
  affine: (c) => ({ scale: ones(c), shift: c }),
};
const subtract: Combination = {
  numbers: (a, b) => a - b,
  merge: 'subtract',
  affine: (c, isLeft) =>
    isLeft ? { scale: ones(c, -1), shift: c } : { scale: ones(c), shift: negative(c) },
};
const multiply: Combination = {
  numbers: (a, b) => a * b,
  merge: 'multiply',
  affine: (c) => ({ scale: c, shift: zeros(c) }),
};
const divide: Combination = {
  numbers: (a, b) => a / b,
  merge: 'divide',
  affine: (c, isLeft) =>
    isLeft
      ? { scale: c, shift: zeros(c), first: { kind: 'reciprocal' } }
      : { scale: c.map((x) => 1 / x), shift: zeros(c) },
};
const power: Combination = {
  numbers: (a, b) => a ** b,
  merge: null,
  activation: (c, isLeft) =>
    isLeft
      ? undefined
      : c === 2
        ? { kind: 'square' }
        : c === 0.5
          ? { kind: 'squareRoot' }
          : { kind: 'power', exponent: c },
};
const minimum: Combination = {
  numbers: Math.min,
  merge: 'minimum',
  activation: (c) => ({ kind: 'clip', least: -Infinity, most: c }),
};
const maximum: Combination = {
  numbers: Math.max,
  merge: 'maximum',
  activation: (c) => ({ kind: 'clip', least: c, most: Infinity }),
};

/** Operators of two inputs, or, where the standard has it so, of several. */
export const arithmeticOperators: readonly (readonly [string, Operator])[] = [
  ['Add', arithmetic(add)],
  ['Sub', arithmetic(subtract)],
  ['Mul', arithmetic(multiply)],
  ['Div', arithmetic(divide)],
  ['Pow', arithmetic(power)],
  ['Min', arithmetic(minimum)],
  ['Max', arithmetic(maximum)],
  ['Sum', arithmetic(add)],
];

function arithmetic(combination: Combination): Operator {
  return (node) => {
    const [first, ...others] = node.inputs.map((_, i) => operand(node, i));
    if (first === undefined) {
      throw node.options.malformed('it has no input');
    }
    return [others.reduce((a, b) => pair(node, combination, a, b), first)];
  };
}

function operand(node: NodeContext, position: number): Constant | Stream {
  const value = node.input(position);
  return value.kind === 'constant' ? value : node.stream(position);
}

function pair(
  node: NodeContext,
  combination: Combination,
  a: Constant | Stream,
  b: Constant | Stream,
): Constant | Stream {
  if (a.kind === 'constant' && b.kind === 'constant') {
    const isWholeDivision =
      combination.merge === 'divide' && a.type === 'whole' && b.type === 'whole';
    return combined(
      node,
      a,
      b,
      isWholeDivision ? (x, y) => Math.trunc(x / y) : combination.numbers,
    );
  }
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  if (a.kind === 'stream' && b.kind === 'stream') {
    const gelu = combination.merge === 'multiply' ? geluOf(node, a, b) : undefined;
    return gelu ?? merged(node, combination, a, b);
  }
  if (a.kind === 'stream') {
    return b.kind === 'constant' ? besideNumbers(node, combination, a, b, false) : a;
  }
  return b.kind === 'stream' ? besideNumbers(node, combination, b, a, true) : b;
}

function besideNumbers(
  node: NodeContext,
  combination: Combination,
  stream: Stream,
  constant: Constant,
  isLeft: boolean,
): Stream {
  const [number = 0] = constant.data;
  const isOne = constant.data.length === 1 && product(constant.shape) === 1;
  const { merge } = combination;
  const erf = isOne ? errorFunctionBeside(stream, merge, number) : undefined;
  if (erf !== undefined) {
    return { ...stream, gelu: erf };
  }
  const made = withConstant(node, combination, stream, constant, isLeft);
  const scaled = isOne && !isLeft ? scaledBy(stream, merge, number) : undefined;
  return scaled === undefined ? made : { ...made, gelu: scaled };
}

/** The axes of what two tensors are broadcast to. */
function broadcastAxes(node: NodeContext, a: readonly Axis[], b: readonly Axis[]): readonly Axis[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Axis => {
    const [left, right] = [a[i - rank + a.length], b[i - rank + b.length]];
    if (left === undefined || right === undefined) {
      return left ?? right ?? { size: 1, kind: 'plain' };
    }
    if (left.size !== right.size && left.size !== 1 && right.size !== 1) {
      throw node.options.malformed(
        `its inputs of shapes [${sizes(a)}] and [${sizes(b)}] do not fit`,
      );
    }
    const wider = left.size === 1 ? right : left;
    return wider.kind === 'plain' && left.size === right.size && right.kind !== 'plain'
      ? right
      : wider;
  });
}

function sizes(axes: readonly Axis[]): string {
  return axes.map(({ size }) => size).join(', ');
}

function merged(node: NodeContext, { merge }: Combination, a: Stream, b: Stream): Stream {
  if (merge === null) {
    throw node.options.refused('both of its inputs hang on the samples, which is not supported');
  }
  const axes = broadcastAxes(node, a.axes, b.axes);
  if (node.isStep) {
    const [first, second] = [timeAxis(a.axes) - a.axes.length, timeAxis(b.axes) - b.axes.length];
    const isFlat = a.flat !== undefined || b.flat !== undefined;
    const meet =
      timeAxis(a.axes) < 0 === timeAxis(b.axes) < 0 &&
      (timeAxis(a.axes) < 0 || first === second) &&
      isSameRate(a.rate, b.rate) &&
      (!isFlat || (a.flat?.after === b.flat?.after && a.flat?.before === b.flat?.before));
    if (!meet) {
      node.requireWindow(
        'its inputs are one of each step and one of the whole window, or come at different samples, so they never meet in a stream as they do in a window',
      );
    }
  }
  const { value } = node.math.merge(merge, node.array(a), node.array(b));
  const flat = a.flat === undefined ? {} : { flat: a.flat };
  return { kind: 'stream', axes, value, rate: a.rate, ...flat };
}

function withConstant(
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
      `its inputs of shapes ${shapeText(stream)} and ${shapeText(constant)} do not fit`,
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
    const isSame = data.every(
      (one: number, at: number) => one === data[at - (at % span) + (at % inner)],
    );
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
