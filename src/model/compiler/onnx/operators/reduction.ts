import type { ReduceOp } from '../../../plan/step-op.js';
import { addGlobalPool } from '../../operations/global-pool.js';
import { product, stridedIndices, stridesOf } from '../../shape.js';
import type { WindowArray } from '../../window-array.js';
import type { NodeContext } from '../node-context.js';
import { constantOf, plain, type Axis, type Constant, type Stream } from '../values/value.js';
import { axesOption, axisOf, type Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';

/** A reduction of axes: sums and the like, with what is done to each float before and to each result after. */
interface Reduction {
  readonly operation: ReduceOp['operation'];
  readonly before?: 'absolute' | 'square';
  readonly after?: 'squareRoot';
  readonly numbers: (numbers: Numbers) => number;
}

type Numbers = ArrayLike<number> & Iterable<number>;

/** Puts numbers together one after the other, however many there are. */
function folded(
  numbers: Numbers,
  first: number,
  operation: (a: number, b: number) => number,
): number {
  let result = first;
  for (const number of numbers) {
    result = operation(result, number);
  }
  return result;
}

const sum = (numbers: Numbers): number => folded(numbers, 0, (a, b) => a + b);
const sumOfSquares = (numbers: Numbers): number => folded(numbers, 0, (a, b) => a + b * b);

export const reductions: readonly (readonly [string, Operator])[] = [
  ['ReduceMean', reduction({ operation: 'mean', numbers: (n) => sum(n) / n.length })],
  ['ReduceSum', reduction({ operation: 'sum', numbers: sum })],
  [
    'ReduceMax',
    reduction({ operation: 'maximum', numbers: (n) => folded(n, -Infinity, Math.max) }),
  ],
  ['ReduceMin', reduction({ operation: 'minimum', numbers: (n) => folded(n, Infinity, Math.min) })],
  [
    'ReduceL1',
    reduction({
      operation: 'sum',
      before: 'absolute',
      numbers: (n) => folded(n, 0, (a, b) => a + Math.abs(b)),
    }),
  ],
  [
    'ReduceL2',
    reduction({
      operation: 'sum',
      before: 'square',
      after: 'squareRoot',
      numbers: (n) => Math.sqrt(sumOfSquares(n)),
    }),
  ],
  ['ReduceSumSquare', reduction({ operation: 'sum', before: 'square', numbers: sumOfSquares })],
];

function reduction(kind: Reduction): Operator {
  return (node) => {
    const { options } = node;
    const input = node.input(0);
    const rank = input.kind === 'constant' ? input.shape.length : input.axes.length;
    const given = axesOption(node, { key: 'axes', position: 1 });
    const keeps = options.flag('keepdims', true);
    const isNothing = options.flag('noop_with_empty_axes');
    if ((given === undefined || given.length === 0) && isNothing) {
      return [input];
    }
    const all = Array.from({ length: rank }, (_, axis) => axis);
    const reduced =
      given === undefined || given.length === 0
        ? all
        : given.map((axis) => axisOf(node, axis, rank));
    if (input.kind === 'constant') {
      const made = reducedConstant(input, reduced, keeps, kind);
      requireExact(node, input, made);
      return [made];
    }
    return [reducedStream(node, node.stream(0), reduced, keeps, kind)];
  };
}

/** GlobalAveragePool and GlobalMaxPool: over all axes behind the channels, which are kept as 1. */
export const globalPool =
  (operation: 'mean' | 'maximum'): Operator =>
  (node) => {
    const stream = node.stream(0);
    const axes = stream.axes.map((_, axis) => axis).filter((axis) => axis > 1);
    const kind = { operation, numbers: sum };
    return [reducedStream(node, stream, axes, true, kind)];
  };

/** Product of numbers that are known: sizes of shapes. */
export const reduceProduct: Operator = (node) => {
  const value = node.constant(0, 'input');
  const given = axesOption(node, { key: 'axes', position: 1 });
  if (value === undefined || (given !== undefined && value.shape.length > 1)) {
    throw node.options.refused('a product over some axes is not supported');
  }
  const keeps = node.options.int('keepdims', 1) === 1;
  const shape = keeps ? value.shape.map(() => 1) : [];
  const made = constantOf(value.type, shape, [folded(value.data, 1, (a, b) => a * b)]);
  requireExact(node, value, made);
  return [made];
};

function reducedConstant(
  { data, shape, type }: Constant,
  axes: readonly number[],
  keeps: boolean,
  { numbers }: Reduction,
): Constant {
  const kept = shape.flatMap((size, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [size]));
  const strides = stridesOf(shape);
  const positions = (isReduced: boolean): Int32Array => {
    const own = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === isReduced);
    return stridedIndices(
      own.map((axis) => shape[axis] ?? 1),
      own.map((axis) => strides[axis] ?? 0),
    );
  };
  const run = positions(true);
  const taken = new Float64Array(run.length);
  return constantOf(
    type,
    kept,
    Float64Array.from(positions(false), (from) => {
      for (const [i, offset] of run.entries()) {
        taken[i] = data[from + offset] ?? 0;
      }
      return numbers(taken);
    }),
  );
}

function reducedStream(
  node: NodeContext,
  stream: Stream,
  reduced: readonly number[],
  keeps: boolean,
  kind: Reduction,
): Stream {
  const { axes, rate } = stream;
  const isOverBatch = reduced.some(
    (axis) => axes[axis]?.kind === 'batch' && (axes[axis]?.size ?? 1) > 1,
  );
  if (isOverBatch) {
    throw node.options.refused(
      'it mixes the lanes of the batch: export the model with a batch of 1',
    );
  }
  if (stream.flat !== undefined && node.isStep) {
    node.requireWindow('it is over the whole of a flattened window');
  }
  const time = axes.findIndex((axis) => axis.kind === 'time');
  const isOverTime = reduced.includes(time);
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  let array = node.array(stream);
  if (isOverTime && node.isStep) {
    array = overTime(node, array, kind);
  } else if (kind.before !== undefined) {
    array = node.math.activate(array, { kind: kind.before });
  }
  const within = reduced.filter((axis) => !(isOverTime && node.isStep && axis === time));
  if (within.length > 0) {
    array = node.math.reduce(array, within, kind.operation);
  }
  if (kind.after !== undefined) {
    array = node.math.activate(array, { kind: kind.after });
  }
  const result = axes.flatMap((axis, i): Axis[] =>
    reduced.includes(i) ? (keeps ? [plain(1)] : []) : [axis],
  );
  return { kind: 'stream', axes: result, value: array.value, rate };
}

/** Step by step, a mean or a maximum over time is one of the steps so far. */
function overTime(node: NodeContext, array: WindowArray, { operation }: Reduction): WindowArray {
  if (operation !== 'mean' && operation !== 'maximum') {
    node.requireWindow('it is over all steps of a window');
  }
  node.builder.ruleOut(
    ['continuous'],
    node,
    'it is over all steps of a window, and a stream has no end',
  );
  node.streaming = operation === 'mean' ? 'running mean' : 'running maximum';
  const value = addGlobalPool(node, operation === 'mean' ? 'average' : 'maximum', {
    value: array.value,
    size: product(array.shape),
    mask: null,
  });
  return { value, shape: array.shape };
}
