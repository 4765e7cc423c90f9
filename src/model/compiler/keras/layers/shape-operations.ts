import { product } from '../../shape.js';
import { shapeOf } from '../../tensor.js';
import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { anyInput, requireAnyValue } from '../layer-builder/layer-inputs.js';
import { readNumericPolicy } from '../layer-builder/numeric-policy.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { rankOf, readAxes } from './over-axes.js';
import { squeezed } from './reduce-operations.js';
import { reshapeTo } from './reshape.js';
import { truthOf } from './truth-operations.js';

/** ExpandDims: a new axis of one. After a sum over the features it makes features of it again. */
export const expandDims: LayerBuilder = (layer) => {
  const { options, builder } = layer;
  const [mask] = layer.inputs;
  if (mask?.form === 'mask' && options.raw('axis') === -1) {
    return { outputs: [mask], streaming: 'identity' };
  }
  const input = anyInput(layer);
  const rank = rankOf(input);
  const [axis = rank] = readAxes(options, 'axis', options.raw('axis'), rank + 1);
  if (builder.kind === 'step' && input.form === 'flattened' && input.size === 1 && axis === rank) {
    const { value, size, rate } = input;
    const output = { value, size, form: 'sequence', rate, mask: null } as const;
    return { outputs: [output], streaming: 'identity' };
  }
  const math = arrayMath(layer, 'it adds an axis to a whole window');
  const array = arrayOf(input);
  const shape = [...array.shape.slice(0, axis), 1, ...array.shape.slice(axis)];
  return builtArray(layer, math, math.reshape(array, shape));
};

/** Squeeze: drops axes of one. */
export const squeeze: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = anyInput(layer);
  const shape = shapeOf(input);
  const axes =
    (options.raw('axis') ?? null) === null
      ? shape.flatMap((size, axis) => (size === 1 ? [axis] : []))
      : readAxes(options, 'axis', options.raw('axis'), rankOf(input));
  return { outputs: [squeezed(layer, { ...input, mask: null }, axes)], streaming: 'identity' };
};

/** Reshape, whose shape has the batch in front. */
export const reshapeOperation: LayerBuilder = (layer) => {
  const { options } = layer;
  const value = plainValue(options.raw('newshape'));
  const [batch, ...target] = Array.isArray(value) ? (value as unknown[]) : [];
  if (batch !== -1 && batch !== null) {
    throw options.refused(
      `newshape=${shortText(value)}: the first axis is the batch, which must be -1`,
    );
  }
  return reshapeTo(layer, anyInput(layer), target);
};

/** Transpose: the axes in another order. */
export const transpose: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = anyInput(layer);
  const rank = rankOf(input);
  const axes = options.raw('axes');
  const order = Array.isArray(axes) ? axes.map((axis) => (axis as number) - 1) : [];
  if (order[0] !== -1 || !isOrder(order.slice(1), rank)) {
    throw options.refused(`axes=${shortText(axes)}: the batch must stay the first axis`);
  }
  const math = arrayMath(layer, 'it makes features of the steps, which needs all of them');
  return builtArray(layer, math, math.transpose(arrayOf(input), order.slice(1)));
};

/** Swapaxes: two axes change places. */
export const swapAxes: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = anyInput(layer);
  const rank = rankOf(input);
  const [first = 0] = readAxes(options, 'axis1', options.raw('axis1'), rank);
  const [second = 0] = readAxes(options, 'axis2', options.raw('axis2'), rank);
  const order = Array.from({ length: rank }, (_, axis) =>
    axis === first ? second : axis === second ? first : axis,
  );
  const math = arrayMath(layer, 'it makes features of the steps, which needs all of them');
  return builtArray(layer, math, math.transpose(arrayOf(input), order));
};

function isOrder(order: readonly number[], rank: number): boolean {
  return (
    order.length === rank &&
    Array.from({ length: rank }, (_, i) => i).every((i) => order.includes(i))
  );
}

/** Stack: tensors of one shape along a new axis. */
export const stack: LayerBuilder = (layer) => {
  const { inputs, options } = layer;
  const [first] = inputs;
  if (first === undefined) {
    throw options.malformed('it has no input');
  }
  for (const input of inputs) {
    requireAnyValue(layer, input);
  }
  const rank = rankOf(first);
  const [axis = rank] = readAxes(options, 'axis', options.raw('axis') ?? 0, rank + 1);
  const isOneFeature = first.form === 'flattened' && first.size === 1 && axis === rank;
  if (
    layer.builder.kind === 'step' &&
    isOneFeature &&
    inputs.every(
      ({ form, size, rate }) =>
        form === 'flattened' &&
        size === 1 &&
        rate.first === first.rate.first &&
        rate.stride === first.rate.stride,
    )
  ) {
    const { builder, name } = layer;
    const output = builder.value(inputs.length, first.rate.count);
    builder.add({
      kind: 'concatenate',
      layer: name,
      input: first.value,
      inputs: inputs.map(({ value }) => value),
      output,
    });
    const { rate } = first;
    const stacked = {
      value: output,
      size: inputs.length,
      form: 'sequence',
      rate,
      mask: null,
    } as const;
    return { outputs: [stacked], streaming: 'pointwise' };
  }
  const math = arrayMath(layer, 'it adds an axis to a whole window');
  const arrays = inputs.map((input) => {
    const array = arrayOf(input);
    return math.reshape(array, [...array.shape.slice(0, axis), 1, ...array.shape.slice(axis)]);
  });
  const size = product(arrays[0]?.shape ?? []);
  if (arrays.some(({ shape }) => product(shape) !== size)) {
    throw options.malformed('its inputs have different shapes');
  }
  return builtArray(layer, math, math.concatenate(arrays, axis));
};

/** Matmul: each pair of matrices that the last two axes hold is multiplied. */
export const matMul: LayerBuilder = (layer) => {
  const { inputs, options } = layer;
  const [left, right] = inputs;
  if (left === undefined || right === undefined || layer.args.length !== 2) {
    throw options.refused('only two tensors can be multiplied');
  }
  requireAnyValue(layer, left);
  requireAnyValue(layer, right);
  const math = arrayMath(layer, 'it multiplies whole windows');
  const [a, b] = [arrayOf(left), arrayOf(right)];
  const fits =
    a.shape.length === b.shape.length &&
    a.shape.length >= 2 &&
    a.shape.at(-1) === b.shape.at(-2) &&
    a.shape.slice(0, -2).every((size, axis) => size === b.shape[axis]);
  if (!fits) {
    throw options.refused(
      `tensors of shapes (${a.shape.join(', ')}) and (${b.shape.join(', ')}) cannot be multiplied here`,
    );
  }
  return builtArray(layer, math, math.matMul(a, b));
};

/** Cast to a type of floats, which changes nothing here: to one of 16 bits Keras rounds. */
export const cast: LayerBuilder = (layer) => {
  const { options } = layer;
  const type = options.raw('dtype');
  if (typeof type === 'string' && /^u?int(8|16|32|64)$/.test(type)) {
    const input = anyInput(layer);
    if (input.form === 'sequence' || (input.form === 'flattened' && input.size === 1)) {
      const rank = input.form === 'sequence' ? 2 : 1;
      return { outputs: [{ ...input, form: 'indices', rank, mask: null }], streaming: 'identity' };
    }
  }
  const policy = readNumericPolicy(type);
  if (typeof type !== 'string' || 'reason' in policy) {
    throw options.refused(`a cast to ${shortText(type)} is not supported`);
  }
  options.halfType = policy.halfType;
  const [first] = layer.args;
  const isComparison = layer.inputs[0]?.form === 'comparison';
  const input = isComparison ? truthOf(layer, first) : anyInput(layer);
  const { isTruth: _truth, ...floats } = input;
  return { outputs: [{ ...floats, mask: null }], streaming: 'identity' };
};

/** ConvertToTensor, which changes nothing; Keras writes it behind an attention for its mask. */
export const convertToTensor: LayerBuilder = (layer) => {
  const { options, inputs } = layer;
  options.only('sparse', false, 'sparse tensors are not supported');
  options.only('ragged', false, 'ragged tensors are not supported');
  const [mask] = inputs;
  if (mask?.form === 'mask') {
    return { outputs: [mask], streaming: 'identity' };
  }
  return { outputs: [{ ...anyInput(layer), mask: null }], streaming: 'identity' };
};
