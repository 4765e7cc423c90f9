import { Rows } from '../../operations/rows.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput, onlyInput } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, builtArray, rowWise } from './array-tensor.js';
import { readConstant, type Constant } from './constant.js';
import { einsum, contract, readEquation } from './einsum.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';
import { matMul } from './shape-operations.js';

/** Matmul and Dot: of two tensors, or of a tensor and a matrix that the file has. */
export const matrixProduct: LayerBuilder = (layer) => {
  const given = layer.args[1];
  if (given === undefined || 'tensor' in given) {
    return matMul(layer);
  }
  const matrix = matrixOf(layer, given.constant);
  return rowWise(withMatrix(matrix))(layer);
};

const withMatrix =
  ({ numbers, shape }: Constant): LayerBuilder =>
  (layer) => {
    const { builder, name, options } = layer;
    const input = onlyInput(layer);
    const [inputs = 1, units = 1] = shape;
    if (input.form === 'flattened' || inputs !== input.size) {
      throw options.refused('its matrix does not fit the features of its input');
    }
    const output = builder.valueLike(input.value, units);
    builder.add({
      kind: 'dense',
      layer: name,
      input: input.value,
      output,
      kernel: numbers,
      bias: null,
      activation: { kind: 'linear' },
    });
    const made = { ...input, value: output, size: units, mask: null };
    return { outputs: [made], streaming: 'pointwise' };
  };

function matrixOf({ options, args }: LayerContext, value: unknown): Constant {
  const matrix = readConstant(value);
  const [first] = args;
  if (matrix?.shape.length !== 2 || first === undefined || 'constant' in first) {
    throw options.refused('only a tensor by a matrix of numbers is supported');
  }
  return matrix;
}

/** Einsum: of two tensors, of a tensor and numbers that the file has, or of one tensor. */
export const anyEinsum: LayerBuilder = (layer) => {
  const { args, options } = layer;
  const [first, second] = args;
  if (args.length === 1) {
    return ofOne(layer);
  }
  if (first === undefined || second === undefined || 'tensor' in second || args.length > 2) {
    return einsum(layer);
  }
  const equation = readEquation(options, options.raw('subscripts'));
  const [batch = ''] = equation.left;
  const constant = readConstant(second.constant);
  if (constant === undefined || equation.right.includes(batch) || equation.output[0] !== batch) {
    throw options.refused('the batch must be the first axis of its input and its output alone');
  }
  const math = arrayMath(layer, 'it multiplies along any axes of a whole window');
  const array = arrayOf(anyInput(layer));
  const numbers = math.constant(array, constant.numbers, constant.shape);
  const inner = { ...equation, left: equation.left.slice(1), output: equation.output.slice(1) };
  return builtArray(layer, math, contract(math, options, inner, array, numbers));
};

/** Returns whether no letter stands twice in a term. */
function isOnce(term: string): boolean {
  return new Set(term).size === term.length;
}

/** Axes in another order, and sums over those that are left out. */
function ofOne(layer: LayerContext): BuiltLayer {
  const { options } = layer;
  const value = options.raw('subscripts');
  const match = /^([a-zA-Z]+)->([a-zA-Z]+)$/.exec(
    typeof value === 'string' ? value.replaceAll(' ', '') : '',
  );
  const [, left = '', right = ''] = match ?? [];
  const fits = right.split('').every((letter) => left.includes(letter));
  if (match === null || left[0] !== right[0] || !isOnce(left) || !isOnce(right) || !fits) {
    throw options.refused('its equation is not supported');
  }
  const math = arrayMath(layer, 'it is over any axes of a whole window');
  const array = arrayOf(anyInput(layer));
  const letters = left.slice(1).split('');
  if (letters.length !== array.shape.length) {
    throw options.malformed('its equation does not fit its input');
  }
  const summed = letters.flatMap((letter, axis) => (right.includes(letter) ? [] : [axis]));
  const sums = summed.length === 0 ? array : math.reduce(array, summed, 'sum');
  const kept = letters.filter((letter) => right.includes(letter));
  const squeezed = math.reshape(
    sums,
    sums.shape.filter((_, axis) => !summed.includes(axis)),
  );
  const order = right
    .slice(1)
    .split('')
    .map((letter) => kept.indexOf(letter));
  return builtArray(layer, math, math.transpose(squeezed, order));
}

/** Cumsum: the sum of each index of an axis and all before it. */
export const cumulativeSum: LayerBuilder = (layer) => {
  const { options, builder, name } = layer;
  const input = anyInput(layer);
  const type = options.raw('dtype') ?? null;
  if (type !== null && type !== 'float32') {
    throw options.refused('only sums of float32 are supported');
  }
  const axes = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
  if (axes.length !== 1) {
    throw options.refused('several axes at once are not supported');
  }
  const output = overAxes(layer, { ...input, mask: null }, axes, (rows) => {
    const { size } = rows;
    const value = builder.valueLike(rows.value, size);
    const kernel = Float32Array.from({ length: size * size }, (_, i) =>
      Math.floor(i / size) <= i % size ? 1 : 0,
    );
    builder.add({
      kind: 'dense',
      layer: name,
      input: rows.value,
      output: value,
      kernel,
      bias: null,
      activation: { kind: 'linear' },
    });
    return new Rows(builder, name, value, size);
  });
  return { outputs: [output], streaming: builder.kind === 'step' ? 'pointwise' : 'whole window' };
};
