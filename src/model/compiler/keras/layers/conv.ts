import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { activationOf } from '../layer-builder/activation.js';
import { addConv, type ConvWeights } from '../../operations/conv.js';
import type { Activation } from '../../../plan/stream-plan.js';
import { readSpan } from './span.js';

/** Conv1D: each output covers the last inputs, which the state keeps in a ring. */
export const conv1d: LayerBuilder = (layer) => {
  const { options } = layer;
  const filters = options.size('filters');
  const groups = options.sizeOfAxis('groups', 1);
  return convolution(layer, (size, inputs) => {
    if (inputs % groups !== 0 || filters % groups !== 0) {
      throw options.malformed(
        `${inputs} features and ${filters} filters do not make ${groups} groups`,
      );
    }
    return {
      filters,
      groups,
      kernel: layer.weights.take('kernel', [size, inputs / groups, filters]),
    };
  });
};

/** DepthwiseConv1D: each feature has filters of its own. */
export const depthwiseConv1d: LayerBuilder = (layer) => {
  layer.options.ignore('filters');
  layer.options.only('groups', 1, 'a depthwise convolution has a group for each feature');
  return convolution(layer, (size, inputs) => depthwise(layer, size, inputs, 'kernel'));
};

/** SeparableConv1D: a depthwise convolution, then a dense layer. */
export const separableConv1d: LayerBuilder = (layer) => {
  const { name, kerasMajor, options, weights, builder } = layer;
  options.only('groups', 1, 'a separable convolution has a group for each feature');
  const units = options.size('filters');
  const { outputs, streaming } = convolve(
    layer,
    (size, inputs) => depthwise(layer, size, inputs, 'depthwise_kernel'),
    () => null,
    { kind: 'linear' },
  );
  const [between] = outputs;
  if (between === undefined) {
    throw options.malformed('it has no output');
  }
  const kernel = weights.take('pointwise_kernel', [1, between.size, units]);
  const bias = options.boolean('use_bias', true) ? weights.take('bias', [units]) : null;
  const output = builder.valueLike(between.value, units);
  builder.add({
    kind: 'dense',
    layer: name,
    input: between.value,
    output,
    kernel,
    bias,
    activation: activationOf(options, 'activation', 'linear', kerasMajor),
  });
  return { outputs: [{ ...between, value: output, size: units }], streaming };
};

type ConvKernel = Pick<ConvWeights, 'filters' | 'groups' | 'kernel'>;

/** Takes the kernel of a convolution of `size` steps over `inputs` features. */
type TakeKernel = (size: number, inputs: number) => ConvKernel;

/** The file's (size, inputs, multiplier) has its floats in the order of (size, 1, inputs x multiplier). */
function depthwise({ options, weights }: LayerContext, size: number, inputs: number, name: string) {
  const multiplier = options.sizeOfAxis('depth_multiplier', 1);
  return {
    filters: inputs * multiplier,
    groups: inputs,
    kernel: weights.take(name, [size, inputs, multiplier]),
  };
}

function convolution(layer: LayerContext, take: TakeKernel): BuiltLayer {
  const { options, weights } = layer;
  const useBias = options.boolean('use_bias', true);
  return convolve(
    layer,
    take,
    (filters) => (useBias ? weights.take('bias', [filters]) : null),
    activationOf(options, 'activation', 'linear', layer.kerasMajor),
  );
}

/** Adds the convolution that the options describe, with the kernel and the bias that are taken for it. */
function convolve(
  layer: LayerContext,
  take: TakeKernel,
  biasOf: (filters: number) => Float32Array | null,
  activation: Activation,
): BuiltLayer {
  const { options } = layer;
  const size = options.sizeOfAxis('kernel_size', 1);
  const covered = readSpan(layer, {
    size,
    stride: options.sizeOfAxis('strides', 1),
    dilation: options.sizeOfAxis('dilation_rate', 1),
  });
  const kernel = take(size, covered.input.size);
  const { filters } = kernel;
  const value = addConv(layer, covered, { ...kernel, bias: biasOf(filters), activation });
  const { rate, streaming } = covered;
  return { outputs: [{ value, size: filters, form: 'sequence', rate, mask: null }], streaming };
}
