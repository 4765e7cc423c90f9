import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { gathered } from '../values/gathered.js';
import { constantOf, plain, sizesOf, type Constant, type Stream } from '../values/value.js';
import { checkSize } from './constants.js';
import { axisOf, type Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';

/** Says which numbers along an axis are summed up: those before, or those behind, and the own one or not. */
interface Direction {
  readonly isExclusive: boolean;
  readonly isReverse: boolean;
}

/** CumSum: each number along an axis and all before it. */
export const cumulativeSum: Operator = (node) => {
  const { options } = node;
  const input = node.input(0);
  const rank = sizesOf(input).length;
  const [given, ...others] = node.wholes(1, 'axis') ?? [];
  if (given === undefined || others.length > 0) {
    throw options.malformed('its axis is not one whole number');
  }
  const axis = axisOf(node, given, rank);
  const direction = {
    isExclusive: options.flag('exclusive'),
    isReverse: options.flag('reverse'),
  };
  if (input.kind === 'constant') {
    return [summedConstant(node, input, axis, direction)];
  }
  const stream = node.stream(0);
  const { kind, size } = stream.axes[axis] ?? plain(1);
  if (kind === 'batch' && size > 1) {
    throw options.refused('it sums up lanes of the batch: export the model with a batch of 1');
  }
  if (node.isStep && stream.flat !== undefined) {
    node.requireWindow('it is over the whole of a flattened window');
  }
  return [
    kind === 'time' && node.isStep
      ? runningSum(node, stream, direction)
      : weighed(node, stream, axis, direction),
  ];
};

function summedConstant(
  node: NodeContext,
  { type, shape, data }: Constant,
  axis: number,
  direction: Direction,
): Constant {
  const size = shape[axis] ?? 1;
  const inner = product(shape.slice(axis + 1));
  const numbers = new Float64Array(data.length);
  for (let first = 0; first < data.length; first += 1) {
    if (Math.floor(first / inner) % size !== 0) {
      continue;
    }
    let sum = 0;
    for (let i = 0; i < size; i += 1) {
      const at = first + (direction.isReverse ? size - 1 - i : i) * inner;
      numbers[at] = direction.isExclusive ? sum : sum + (data[at] ?? 0);
      sum += data[at] ?? 0;
    }
  }
  const made = constantOf(type, shape, numbers);
  requireExact(node, made);
  return made;
}

/** A sum over time is kept from step to step. */
function runningSum(node: NodeContext, stream: Stream, direction: Direction): Stream {
  const { builder, name } = node;
  if (direction.isReverse) {
    node.requireWindow('it sums up from the end of the window');
  }
  builder.ruleOut(
    ['continuous'],
    node,
    'it sums up all steps of a window, and a stream has no end',
  );
  node.streaming = 'running sum';
  const { value, shape } = node.array(stream);
  const size = product(shape);
  const stateOffset = builder.reserveState(name, 'accumulator', size);
  const before = builder.valueLike(value, size);
  builder.add({ kind: 'recall', layer: name, input: value, output: before, stateOffset });
  const sum = builder.valueLike(value, size);
  builder.add({
    kind: 'merge',
    layer: name,
    input: before,
    inputs: [before, value],
    output: sum,
    operation: 'add',
  });
  const kept = builder.valueLike(value, size);
  builder.add({ kind: 'keep', layer: name, input: sum, output: kept, stateOffset });
  const { axes, rate } = stream;
  return { kind: 'stream', axes, value: direction.isExclusive ? before : kept, rate };
}

/** Otherwise it is a product with a triangle of ones. */
function weighed(
  node: NodeContext,
  stream: Stream,
  axis: number,
  { isExclusive, isReverse }: Direction,
): Stream {
  const array = node.array(stream);
  const size = array.shape[axis] ?? 1;
  checkSize(node, [size, size]);
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const order = array.shape.map((_, i) => i).filter((i) => i !== axis);
  const turned = node.math.transpose(array, [...order, axis]);
  const kernel = Float32Array.from({ length: size * size }, (_, i) => {
    const [from, to] = [Math.floor(i / size), i % size];
    const distance = isReverse ? from - to : to - from;
    return distance > 0 || (distance === 0 && !isExclusive) ? 1 : 0;
  });
  const summed = node.math.dense(turned, size, size, { kernel, bias: null });
  const back = array.shape.map((_, i) => (i === axis ? array.shape.length - 1 : order.indexOf(i)));
  const { value } = node.math.transpose({ ...summed, shape: turned.shape }, back);
  return { kind: 'stream', axes: stream.axes, value, rate: stream.rate };
}

/** Trilu: the triangle of the last two axes above a diagonal, or below one, and zeros in the place of the others. */
export const triangle: Operator = (node) => {
  const input = node.input(0);
  const isUpper = node.options.int('upper', 1) === 1;
  const [diagonal = 0] = node.wholes(1, 'k') ?? [];
  const sizes = sizesOf(input);
  if (sizes.length < 2) {
    throw node.options.malformed('its input has fewer than two axes');
  }
  if (input.kind === 'stream') {
    node.streaming = node.isStep ? 'pointwise' : 'whole window';
    const last = input.axes.slice(-2);
    if (last.some(({ kind, size }) => kind === 'batch' && size > 1)) {
      throw node.options.refused(
        'it is over the lanes of the batch: export the model with a batch of 1',
      );
    }
    if (last.some(({ kind }) => kind === 'time')) {
      node.requireWindow('it takes a part of a whole window');
    }
  }
  const shape = input.kind === 'constant' ? sizes : node.stored(input.axes);
  const [rows = 1, columns = 1] = shape.slice(-2);
  const indices = Int32Array.from({ length: product(shape) }, (_, i) => {
    const distance = (i % columns) - (Math.floor(i / columns) % rows);
    return (isUpper ? distance >= diagonal : distance <= diagonal) ? i : -1;
  });
  const axes = input.kind === 'constant' ? sizes.map(plain) : input.axes;
  return [gathered(node, input, axes, indices)];
};
