import { isSameRate } from '../../rate.js';
import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { constantOf, timeAxis, type Constant, type Stream, type Value } from '../values/value.js';
import { withConstant } from './beside-constant.js';
import { broadcastAxes } from './broadcast-axes.js';
import { add, type Combination } from './combination.js';
import { combined } from './constants.js';
import { errorFunctionBeside, geluOf, scaledBy } from './gelu-parts.js';
import { withHiddenFloats } from './hidden-floats.js';
import type { Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';

const ones = (c: Float64Array, by = 1): Float64Array => new Float64Array(c.length).fill(by);
const zeros = (c: Float64Array): Float64Array => new Float64Array(c.length);
const negative = (c: Float64Array): Float64Array => c.map((x) => -x);

export const subtract: Combination = {
  numbers: (a, b) => a - b,
  merge: 'subtract',
  affine: (c, isLeft) =>
    isLeft ? { scale: ones(c, -1), shift: c } : { scale: ones(c), shift: negative(c) },
};
export const multiply: Combination = {
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
  affine: (c, isLeft) =>
    isLeft ? { scale: c.map(Math.log), shift: zeros(c), last: { kind: 'exponential' } } : undefined,
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

type Operand = Constant | Stream;

/** Operators of two inputs, or, where the standard has it so, of several. */
export const arithmeticOperators: readonly (readonly [string, Operator])[] = [
  ['Add', arithmetic(add)],
  ['Sub', arithmetic(subtract)],
  ['Mul', arithmetic(multiply)],
  ['Div', arithmetic(divide)],
  ['Pow', pow],
  ['Min', arithmetic(minimum)],
  ['Max', arithmetic(maximum)],
  ['Sum', arithmetic(add)],
  ['Mean', mean],
];

/** @param isMixed true where floats may stand beside whole numbers: a power with a whole exponent */
function arithmetic(combination: Combination, isMixed = false): Operator {
  return (node) => {
    const operands = node.inputs.map((_, i) => operand(node, i));
    const [first, ...others] = operands;
    if (first === undefined) {
      throw node.options.malformed('it has no input');
    }
    if (!isMixed && operands.some(isOfWholes) && !operands.every(isOfWholes)) {
      throw node.options.malformed('it takes floats beside whole numbers: a Cast is missing');
    }
    return [others.reduce((a, b) => paired(node, combination, a, b), first)];
  };
}

/** Mean of its inputs. */
function mean(node: NodeContext): readonly Value[] {
  const [sum] = arithmetic(add)(node);
  const count = constantOf('float', [], [node.inputs.length]);
  return sum === undefined || sum.kind === 'state' ? [] : [paired(node, divide, sum, count)];
}

/** Pow: `b^x` of a constant base is `exp(x ln b)`, which a base of 0 or below does not have. */
function pow(node: NodeContext): ReturnType<Operator> {
  const [base, exponent] = [operand(node, 0), operand(node, 1)];
  const [bases, exponents] = [base, exponent].map((one) => (one.kind === 'constant' ? one : null));
  const least = bases && exponents === null ? bases.data.find((x: number) => !(x > 0)) : undefined;
  if (least !== undefined) {
    throw node.options.refused(
      `${least} to the power of what the samples make is NaN or infinite for most of them: export the model with a base above 0`,
    );
  }
  if (exponents && bases === null && !exponents.data.every((x: number) => Number.isFinite(x))) {
    throw node.options.malformed('its exponents hold NaN or infinity');
  }
  return arithmetic(power, true)(node);
}

function isOfWholes(value: Operand): boolean {
  return value.kind === 'constant' && value.type === 'whole';
}

/** An operand of a node; a state is none. */
export function operand(node: NodeContext, position: number): Constant | Stream {
  const value = node.input(position);
  return value.kind === 'constant' ? value : node.stream(position);
}

/** Combines two operands; of two that are known it is computed here. */
export function paired(
  node: NodeContext,
  combination: Combination,
  a: Constant | Stream,
  b: Constant | Stream,
): Constant | Stream {
  if (a.kind === 'constant' && b.kind === 'constant') {
    const isWhole = a.type === 'whole' && b.type === 'whole';
    const operation =
      isWhole && combination.merge === 'divide'
        ? (x: number, y: number): number => Math.trunc(x / y)
        : combination.numbers;
    const isPicked = combination.merge === 'minimum' || combination.merge === 'maximum';
    const made = combined(node, a, b, operation);
    if (!isPicked) {
      requireExact(node, a, b, made);
    }
    return made;
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
  if (combination.merge === 'add' && constant.data.includes(-Infinity)) {
    return withHiddenFloats(node, stream, constant);
  }
  const [number = 0] = constant.data;
  const isOne = constant.data.length === 1 && product(constant.shape) === 1;
  const { merge } = combination;
  const made = withConstant(node, combination, stream, constant, isLeft);
  const erf =
    isOne && !(isLeft && merge === 'divide')
      ? errorFunctionBeside(stream, merge, number)
      : undefined;
  if (erf !== undefined) {
    return { ...made, gelu: erf };
  }
  const scaled = isOne && !isLeft ? scaledBy(stream, merge, number) : undefined;
  return scaled === undefined ? made : { ...made, gelu: scaled };
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
