import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { constantOf, sizesOf, type Constant, type Stream, type Value } from '../values/value.js';
import { operand, paired, subtract, multiply } from './arithmetic.js';
import { add, type Combination } from './combination.js';
import { combined, spread } from './constants.js';
import { broadcastAxes } from './broadcast-axes.js';
import { withHiddenFloats } from './hidden-floats.js';
import type { Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';
import { axesOf } from '../values/gathered.js';

/*
 * What is true of the samples is 1 and what is false 0: a difference's sign, bounded. A choice between two is the sum of
 * both, each times 1 or 0.
 */

type Operand = Constant | Stream;

/** A comparison, of numbers that are known and of the difference of those that are not. */
interface Comparison {
  readonly numbers: (a: number, b: number) => number;
  /** True where the first operand is taken from the second. */
  readonly isTurned: boolean;
  /** True where the comparison is false for a difference above zero. */
  readonly isOpposite: boolean;
}

const one = constantOf('float', [], [1]);
const maximum: Combination = { numbers: Math.max, merge: 'maximum' };

const comparisons: readonly (readonly [string, Comparison])[] = [
  ['Greater', { numbers: (a, b) => Number(a > b), isTurned: false, isOpposite: false }],
  ['Less', { numbers: (a, b) => Number(a < b), isTurned: true, isOpposite: false }],
  ['GreaterOrEqual', { numbers: (a, b) => Number(a >= b), isTurned: true, isOpposite: true }],
  ['LessOrEqual', { numbers: (a, b) => Number(a <= b), isTurned: false, isOpposite: true }],
];

export const comparisonOperators: readonly (readonly [string, Operator])[] = [
  ...comparisons.map(([name, comparison]) => [name, compared(comparison)] as const),
  ['Equal', equal],
  ['And', both((a, b) => Number(a !== 0 && b !== 0), multiply)],
  ['Or', both((a, b) => Number(a !== 0 || b !== 0), maximum)],
  ['Not', (node) => [opposite(node, operand(node, 0))]],
  ['Where', where],
  ['IsNaN', isNaNOperator],
];

function compared({ numbers, isTurned, isOpposite }: Comparison): Operator {
  return (node) => {
    const [a, b] = [operand(node, 0), operand(node, 1)];
    if (a.kind === 'constant' && b.kind === 'constant') {
      requireExact(node, a, b);
      return [combined(node, a, b, numbers, true)];
    }
    const difference = isTurned ? paired(node, subtract, b, a) : paired(node, subtract, a, b);
    const above = bounded(node, difference, 0);
    return [isOpposite ? opposite(node, above) : above];
  };
}

function equal(node: NodeContext): readonly Value[] {
  const [a, b] = [operand(node, 0), operand(node, 1)];
  if (a.kind === 'constant' && b.kind === 'constant') {
    requireExact(node, a, b);
    return [combined(node, a, b, (x, y) => Number(x === y), true)];
  }
  const sign = bounded(node, paired(node, subtract, a, b), -1);
  const apart = node.activated(sign, { kind: 'absolute' });
  return [opposite(node, apart)];
}

/** The sign of a difference, from `least` to 1. */
function bounded(node: NodeContext, difference: Operand, least: number): Stream {
  if (difference.kind === 'constant') {
    throw new RangeError('a difference with what streams is one');
  }
  const sign = node.activated(difference, { kind: 'sign' });
  return least === -1 ? sign : node.activated(sign, { kind: 'clip', least, most: 1 });
}

/** And, Or. */
function both(numbers: (a: number, b: number) => number, combination: Combination): Operator {
  return (node) => {
    const [a, b] = [operand(node, 0), operand(node, 1)];
    return [
      a.kind === 'constant' && b.kind === 'constant'
        ? combined(node, a, b, numbers, true)
        : paired(node, combination, a, b),
    ];
  };
}

function opposite(node: NodeContext, value: Operand): Operand {
  return value.kind === 'constant'
    ? constantOf(
        'whole',
        value.shape,
        value.data.map((x: number) => Number(x === 0)),
      )
    : paired(node, subtract, one, value);
}

/** IsNaN: of shares, as PyTorch's attention looks for rows that a mask leaves empty, it is nowhere true. */
function isNaNOperator(node: NodeContext): readonly Value[] {
  const value = operand(node, 0);
  if (value.kind === 'stream' && value.isShares !== true) {
    throw node.options.refused(
      'it looks for NaN among what samples make, which a stream has none of: export the model without it',
    );
  }
  const numbers = value.kind === 'constant' ? Array.from(value.data, Number.isNaN) : [];
  const sizes = sizesOf(value);
  return [
    constantOf(
      'whole',
      sizes,
      Array.from({ length: product(sizes) }, (_, i) => Number(numbers[i] ?? false)),
    ),
  ];
}

/** Where: one of two by a condition. */
function where(node: NodeContext): readonly Value[] {
  const condition = operand(node, 0);
  const [yes, no] = [node.input(1), node.input(2)];
  if (condition.kind === 'constant') {
    const chosen = chosenByConstant(node, condition, yes, no);
    if (chosen !== undefined) {
      return [chosen];
    }
  }
  const [a, b] = [operand(node, 1), operand(node, 2)];
  const masked = condition.kind === 'constant' ? chosenOrHidden(node, condition, a, b) : undefined;
  if (masked !== undefined) {
    return [masked];
  }
  const isFinite = [a, b].every(
    (value) => value.kind === 'stream' || value.data.every((x: number) => Number.isFinite(x)),
  );
  if (!isFinite) {
    throw node.options.refused('it writes infinity among floats that samples change');
  }
  const truth: Operand =
    condition.kind === 'constant' ? { ...condition, type: 'float' } : condition;
  const falsehood = opposite(node, truth);
  return [
    paired(node, add, paired(node, multiply, truth, a), paired(node, multiply, falsehood, b)),
  ];
}

/** A stream of which a mask that is known puts minus infinity in the place of some floats; undefined for any other choice. */
function chosenOrHidden(
  node: NodeContext,
  condition: Constant,
  yes: Operand,
  no: Operand,
): Stream | undefined {
  const [stream, other] = yes.kind === 'stream' ? [yes, no] : [no, yes];
  if (
    stream.kind !== 'stream' ||
    other.kind !== 'constant' ||
    !other.data.every((x: number) => x === -Infinity) ||
    other.data.length === 0
  ) {
    return undefined;
  }
  const isKept = (x: number): boolean => (x !== 0) === (yes === stream);
  const mask = combined(node, condition, other, (x) => (isKept(x) ? 0 : -Infinity));
  return withHiddenFloats(node, stream, mask);
}

/** Chooses by a condition that is known: numbers that are known, or one of both where it is the same everywhere. */
function chosenByConstant(
  node: NodeContext,
  condition: Constant,
  yes: Value,
  no: Value,
): Value | undefined {
  if (yes.kind === 'constant' && no.kind === 'constant') {
    const made = combined(node, yes, no, (a) => a);
    const all = combined(node, made, condition, (a) => a).shape;
    const [truth, a, b] = [spread(condition, all), spread(yes, all), spread(no, all)];
    const numbers = truth.map((x, i) => (x === 0 ? (b[i] ?? 0) : (a[i] ?? 0)));
    return constantOf(made.type, all, numbers);
  }
  const [first] = condition.data;
  const [chosen, other] = first === 0 ? [no, yes] : [yes, no];
  const isSame = condition.data.every((x: number) => x === first);
  const axes = axesOf(chosen);
  const all = broadcastAxes(node, broadcastAxes(node, axes, axesOf(other)), axesOf(condition));
  const isWhole = product(sizesOf(chosen)) === product(all.map(({ size }) => size));
  return isSame && isWhole && chosen.kind !== 'constant' && all.length === axes.length
    ? chosen
    : undefined;
}
