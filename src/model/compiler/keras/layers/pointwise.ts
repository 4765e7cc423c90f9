import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput, onlyInput } from '../layer-builder/layer-inputs.js';
import { stridedIndices, stridesOf } from '../../shape.js';
import { arrayMath, arrayOf, builtArray, rowWise } from './array-tensor.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';
import { activationLayers, activationOf } from '../layer-builder/activation.js';
import { isOverValue } from '../../over-value.js';
import type { Activation } from '../../../plan/stream-plan.js';

/** Activation: the function that the option `activation` names. */
export const activation: LayerBuilder = (layer) =>
  apply(layer, activationOf(layer.options, 'activation', 'linear', layer.kerasMajor));

/** The registry's entry of a layer that is an activation itself: ReLU, LeakyReLU or ELU. */
export const activationLayer = (className: string): [string, LayerBuilder] => [
  className,
  rowWise((layer) => {
    const make = activationLayers.get(className);
    if (make === undefined) {
      throw layer.options.refused('it is not an activation');
    }
    return apply(layer, make(layer.options));
  }),
];

/** Softmax over the features, or over other axes of a whole window. */
export const softmax: LayerBuilder = (layer) => {
  const input = anyInput(layer);
  if (input.mask !== null) {
    throw layer.options.refused('a mask reaches it, and Keras would mask its features by it');
  }
  return softmaxOverAxes(layer);
};

/** The same where a mask counts for nothing. */
export const softmaxOverAxes: LayerBuilder = (layer) => {
  const input = anyInput(layer);
  const { options, builder } = layer;
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(input));
  const output = overAxes(layer, input, axes, (rows) => rows.activate({ kind: 'softmax' }));
  const streaming = builder.kind === 'step' ? 'pointwise' : 'whole window';
  return { outputs: [output], streaming };
};

/** Applies a function to the input of a layer. */
export function apply(layer: LayerContext, applied: Activation): BuiltLayer {
  const { name, builder } = layer;
  const input = onlyInput(layer);
  if (applied.kind === 'linear') {
    return { outputs: [input], streaming: 'identity' };
  }
  if (isOverValue(applied) && input.form === 'flattened') {
    layer.builder.requireWindow(
      layer,
      `a ${applied.kind} over the whole flattened window needs all of it`,
    );
  }
  const output = builder.valueLike(input.value, input.size);
  builder.add({
    kind: 'activation',
    layer: name,
    input: input.value,
    output,
    activation: applied,
  });
  return { outputs: [{ ...input, value: output }], streaming: 'pointwise' };
}

/** PReLU: a slope for each feature, and for each step where the time axis is not shared. */
export const prelu: LayerBuilder = (layer) => {
  const { name, options, weights, builder } = layer;
  const [given] = layer.inputs;
  if (given?.form === 'array') {
    return preluOfArray(layer);
  }
  const input = onlyInput(layer);
  const shared = options.sizes('shared_axes', []);
  const { count } = input.rate;
  const isShared = (axis: number): boolean => shared.includes(axis);
  const isSequence = input.form === 'sequence';
  const isFlattened = input.form === 'flattened';
  const perStep = isFlattened || (isSequence && !isShared(1));
  if (perStep && count === null) {
    throw options.refused('it has a slope for each step, of any number; give a window');
  }
  if (isFlattened && isShared(1)) {
    return slopes(1, weights.take('alpha', [1]));
  }
  const steps = perStep ? (count ?? 1) : 1;
  const size = isShared(isSequence ? 2 : 1) ? 1 : input.size;
  const shape = isSequence ? [steps, size] : [steps * size];
  return slopes(steps, weights.take('alpha', shape));

  function slopes(of: number, stored: Float32Array): BuiltLayer {
    const each = stored.length / of;
    const alpha = Float32Array.from(
      { length: of * input.size },
      (_, i) => stored[Math.floor(i / input.size) * each + (each === 1 ? 0 : i % input.size)] ?? 0,
    );
    if (of > 1) {
      layer.builder.ruleOut(
        ['continuous'],
        layer,
        `it has other slopes for each of ${of} steps; shared_axes=[1] would share them`,
      );
    }
    const output = builder.valueLike(input.value, input.size);
    builder.add({
      kind: 'prelu',
      layer: name,
      input: input.value,
      output,
      alpha,
      steps: of,
      positionOffset: of > 1 ? builder.reserveState(name, 'counter', 1) : null,
    });
    return { outputs: [{ ...input, value: output }], streaming: 'pointwise' };
  }
};

/** PReLU of a whole window of several axes: a slope for each index of those that are not shared. */
function preluOfArray(layer: LayerContext): BuiltLayer {
  const { options, weights } = layer;
  const input = anyInput(layer);
  const shared = options.sizes('shared_axes', []);
  const math = arrayMath(layer, 'its input has several axes of a whole window');
  const array = arrayOf(input);
  const shape = array.shape.map((size, axis) => (shared.includes(axis + 1) ? 1 : size));
  const stored = weights.take('alpha', shape);
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  const alpha = Float32Array.from(stridedIndices(array.shape, strides), (at) => stored[at] ?? 0);
  const output = math.map(array, alpha.length, alpha.length, (fields) => ({
    ...fields,
    kind: 'prelu',
    alpha,
    steps: 1,
    positionOffset: null,
  }));
  return builtArray(layer, math, math.reshape(output, array.shape));
}

/** Layers that act in training alone: dropout, noise and regularisation. */
export const identity: LayerBuilder = (layer) => {
  layer.options.ignore('rate', 'noise_shape', 'stddev', 'l1', 'l2', 'data_format');
  return { outputs: [anyInput(layer)], streaming: 'identity' };
};
