import { activationOf } from '../layer-builder/activation.js';
import type { Activation } from '../../../plan/stream-plan.js';
import type {
  BuiltLayer,
  LayerBuilder,
  LayerContext,
  Tensor,
} from '../layer-builder/layer-builder.js';
import { placeSpan } from './span.js';

/** Conv1D: over a ring of the last inputs. */
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

/** DepthwiseConv1D: each feature for itself. */
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
  const { outputs, streaming } = spread(
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
  const output = builder.like(between.value, units);
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

interface Kernel {
  readonly filters: number;
  readonly groups: number;
  /** (size, inputs / groups, filters). */
  readonly kernel: Float32Array;
}

type KernelTaker = (size: number, inputs: number) => Kernel;

/** The file's (size, inputs, multiplier) is (size, 1, inputs x multiplier), float by float. */
function depthwise({ options, weights }: LayerContext, size: number, inputs: number, name: string) {
  const multiplier = options.sizeOfAxis('depth_multiplier', 1);
  return {
    filters: inputs * multiplier,
    groups: inputs,
    kernel: weights.take(name, [size, inputs, multiplier]),
  };
}

function convolution(layer: LayerContext, take: KernelTaker): BuiltLayer {
  const { options, weights } = layer;
  const useBias = options.boolean('use_bias', true);
  return spread(
    layer,
    take,
    (filters) => (useBias ? weights.take('bias', [filters]) : null),
    activationOf(options, 'activation', 'linear', layer.kerasMajor),
  );
}

function spread(
  layer: LayerContext,
  take: KernelTaker,
  biasOf: (filters: number) => Float32Array | null,
  activation: Activation,
): BuiltLayer {
  const { name, options, builder } = layer;
  const size = options.sizeOfAxis('kernel_size', 1);
  const { input, span, reach, cadence, streaming } = placeSpan(layer, {
    size,
    stride: options.sizeOfAxis('strides', 1),
    dilation: options.sizeOfAxis('dilation_rate', 1),
  });
  const { filters, groups, kernel } = take(size, input.size);
  const bias = biasOf(filters);
  const output = builder.value(filters, cadence.count);
  builder.add({
    kind: 'conv',
    layer: name,
    input: padAfter(layer, input, span.after),
    output,
    size,
    stride: span.stride,
    dilation: span.dilation,
    padBefore: span.before,
    kernel,
    bias,
    groups,
    activation,
    historyOffset: builder.remember(name, 'history', (reach - 1) * input.size),
    countOffset: builder.remember(name, 'counter', 1),
  });
  return {
    outputs: [{ value: output, size: filters, form: 'sequence', cadence, mask: null }],
    streaming,
  };
}

/** In a whole window there are zeros to put after the last step. */
function padAfter({ name, builder }: LayerContext, input: Tensor, after: number): number {
  if (builder.kind !== 'window' || after === 0) {
    return input.value;
  }
  const output = builder.value(input.size, builder.stepsOf(input.value) + after);
  builder.addWindowOp({
    kind: 'pad',
    layer: name,
    input: input.value,
    output,
    before: 0,
    after,
    value: 0,
  });
  return output;
}
