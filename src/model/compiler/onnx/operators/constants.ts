import { LstmdError } from '../../../../base/errors.js';
import { printableName } from '../../../../base/printable-text.js';
import { isHalfType } from '../../../plan/half-precision.js';
import type { OnnxTensor } from '../../../source/onnx-source.js';
import { broadcastShape, product, stridedIndices, stridesOf } from '../../shape.js';
import { constantOf, sizesOf, type Constant } from '../values/value.js';
import type { NodeContext } from '../node-context.js';
import type { Operator } from './operator.js';
import { requireExact } from './whole-numbers.js';

/** Numbers that a constant of the graph may have. */
const maxNumbers = 2 ** 24;

/** The same of one that a few digits of the file ask for. */
export const maxAskedNumbers = 2 ** 22;

/** Axes that a tensor of the graph may have. */
const maxAxes = 64;

/** @throws LstmdError `model.refused` for a type that is not read */
export function constantFrom({ name, shape, type, data }: OnnxTensor): Constant {
  if (data === null) {
    throw new LstmdError(
      'model.refused',
      `tensor "${printableName(name)}" is of ${type}, which is not supported: export the model in float32`,
    );
  }
  return {
    kind: 'constant',
    type: data instanceof Float32Array ? 'float' : 'whole',
    shape,
    data,
    name: name === '' ? null : name,
    ...(isHalfType(type) && { half: type }),
  };
}

/** Constant: a tensor, a number or a list of numbers. */
export const constant: Operator = ({ options }) => {
  const tensor = options.tensor('value');
  if (tensor !== undefined) {
    return [constantFrom(tensor)];
  }
  const ints = options.ints('value_ints');
  const floats = options.floats('value_floats');
  if (ints !== undefined || floats !== undefined) {
    const numbers = ints ?? floats ?? [];
    return [constantOf(ints === undefined ? 'float' : 'whole', [numbers.length], numbers)];
  }
  if (options.has('value_int')) {
    return [constantOf('whole', [], [options.int('value_int', 0)])];
  }
  if (options.has('value_float')) {
    return [constantOf('float', [], [options.float('value_float', 0)])];
  }
  throw options.refused('a constant that is neither a number nor a tensor is not supported');
};

/** Shape: sizes as the graph counts them. */
export const shapeOperator: Operator = (node) => {
  const sizes = sizesOf(node.input(0));
  const [start, end] = [node.options.int('start', 0), node.options.int('end', sizes.length)];
  const kept = sizes.slice(start, end);
  return [constantOf('whole', [kept.length], kept)];
};

export const sizeOperator: Operator = (node) => [
  constantOf('whole', [], [product(sizesOf(node.input(0)))]),
];

export const constantOfShape: Operator = (node) => {
  const sizes = node.wholes(0, 'shape') ?? [];
  checkSize(node, sizes, maxAskedNumbers);
  const tensor = node.options.tensor('value');
  const filler = tensor === undefined ? null : constantFrom(tensor);
  const numbers = new Float64Array(product(sizes)).fill(filler?.data[0] ?? 0);
  return [constantOf(filler?.type ?? 'float', sizes, numbers)];
};

export const range: Operator = (node) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => node.constant(i, 'bounds'));
  if ([start, limit, delta].some((bound) => bound?.data.length !== 1)) {
    throw node.options.malformed('its bounds are not one number each');
  }
  const [from = 0, to = 0, step = 1] = [start, limit, delta].map((bound) => bound?.data[0]);
  const count = Math.max(0, Math.ceil((to - from) / step));
  checkSize(node, [count], maxAskedNumbers);
  const numbers = Array.from({ length: count }, (_, i) => from + i * step);
  const made = constantOf(start?.type ?? 'whole', [count], numbers);
  requireExact(node, made);
  return [made];
};

/** @throws LstmdError `model.refused` for more numbers than a constant may have */
export function checkSize(node: NodeContext, sizes: readonly number[], most = maxNumbers): void {
  if (sizes.length > maxAxes) {
    throw node.options.refused(
      `it makes a tensor of ${sizes.length} axes, which are more than ${maxAxes}`,
    );
  }
  if (!sizes.every((one) => Number.isSafeInteger(one) && one >= 0) || product(sizes) > most) {
    throw node.options.refused(
      `it makes a tensor of shape [${sizes.join(', ')}], which is too large`,
    );
  }
}

/** Arithmetic with two constants, number by number after broadcasting. */
export function combined(
  node: NodeContext,
  a: Constant,
  b: Constant,
  operation: (a: number, b: number) => number,
  isTruth = false,
): Constant {
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined) {
    throw node.options.malformed(
      `its inputs of shapes [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit`,
    );
  }
  checkSize(node, shape);
  const [left, right] = [spread(a, shape), spread(b, shape)];
  const numbers = Float64Array.from({ length: product(shape) }, (_, i) =>
    operation(left[i] ?? 0, right[i] ?? 0),
  );
  const type = !isTruth && (a.type === 'float' || b.type === 'float') ? 'float' : 'whole';
  return constantOf(type, shape, numbers);
}

/** The numbers of a constant for each of a tensor of a shape that it is broadcast to. */
export function spread(
  { data, shape }: Pick<Constant, 'data' | 'shape'>,
  to: readonly number[],
): Float64Array {
  const added = to.length - shape.length;
  const strides = stridesOf(shape);
  const repeated = to.map((_, axis) =>
    axis < added || shape[axis - added] === 1 ? 0 : (strides[axis - added] ?? 0),
  );
  return Float64Array.from(stridedIndices(to, repeated), (index) => data[index] ?? 0);
}

/** An operator of two inputs that are both known: comparisons, and what shapes are computed with. */
export function ofConstants(operation: (a: number, b: number) => number, isTruth = true): Operator {
  return (node) => {
    const [a, b] = [node.constant(0, 'first input'), node.constant(1, 'second input')];
    if (a === undefined || b === undefined) {
      throw node.options.malformed('it has one input in place of two');
    }
    const made = combined(node, a, b, operation, isTruth);
    requireExact(node, a, b, made);
    return [made];
  };
}

/** An operator of one input that is known. */
export function ofConstant(operation: (x: number) => number): Operator {
  return (node) => {
    const value = node.constant(0, 'input');
    if (value === undefined) {
      throw node.options.malformed('its input is missing');
    }
    return [constantOf(value.type, value.shape, Float64Array.from(value.data, operation))];
  };
}

/** One number for each block of an axis, as one for each of its indices. */
function repeatedInBlocks(
  node: NodeContext,
  numbers: Constant,
  { shape }: Constant,
  axis: number,
  block: number,
): Constant {
  const fits = shape.every(
    (size, i) => numbers.shape[i] === (i === axis ? Math.ceil(size / block) : size),
  );
  if (!fits) {
    throw node.options.malformed(
      `its scales of shape [${numbers.shape.join(', ')}] are not one for each block of ${block}`,
    );
  }
  const inner = product(shape.slice(axis + 1));
  const size = shape[axis] ?? 1;
  const blocks = Math.ceil(size / block);
  const data = Float64Array.from({ length: product(shape) }, (_, i) => {
    const [row, column] = [Math.floor(i / inner), i % inner];
    const [outer, index] = [Math.floor(row / size), row % size];
    return numbers.data[(outer * blocks + Math.floor(index / block)) * inner + column] ?? 0;
  });
  return constantOf(numbers.type, shape, data);
}

/** DequantizeLinear of weights: `(q - zero) scale`, of the whole tensor or along an axis. */
export const dequantizeLinear: Operator = (node) => {
  const [weights, scale, zero] = [0, 1, 2].map((i) =>
    i === 0 && node.inputs[0]?.kind !== 'constant' ? undefined : node.constant(i, 'scale'),
  );
  node.options.ignore('saturate', 'output_dtype');
  const block = node.options.int('block_size', 0);
  if (weights === undefined || scale === undefined) {
    throw node.options.refused(
      'activations that are quantised as the model runs are not computed exactly: give the float model that this one was made from',
    );
  }
  const rank = weights.shape.length;
  const given = node.options.int('axis', 1);
  const axis = given < 0 ? given + rank : given;
  const along = (one: Constant): Constant =>
    block > 0 && one.shape.length === rank
      ? repeatedInBlocks(node, one, weights, axis, block)
      : one.data.length === 1
        ? { ...one, shape: [] }
        : { ...one, shape: weights.shape.map((own, i) => (i === axis ? own : 1)) };
  for (const one of [scale, zero]) {
    const fits =
      one === undefined ||
      one.data.length === 1 ||
      (block > 0 ? one.shape.length === rank : one.data.length === weights.shape[axis]);
    if (!fits) {
      throw node.options.malformed('its scales or zero points do not fit its axis');
    }
  }
  const centred =
    zero === undefined ? weights : combined(node, weights, along(zero), (q, z) => q - z);
  const floats = combined(node, centred, along(scale), (q, s) => q * s);
  return [{ ...floats, name: weights.name }];
};
