import type { Activation } from '../../../plan/stream-plan.js';
import { expandedSize, expandKernel, type ExpandedKernel } from '../../expanded-kernel.js';
import { product, type Shape } from '../../shape.js';
import { tapsOf, type Taps } from '../../taps.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import { ArrayMath, type WindowArray } from '../../window-array.js';
import { convolved } from '../../window-convolution.js';
import { activationOf } from '../layer-builder/activation.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireAnyValue } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { sizesOfAxes, spansOf } from './grid.js';

/** Floats of the matrices up to which the whole layer is one LSTM, whose matrices are mostly zeros. */
const maxExpandedFloats = 2 ** 20;
/** Steps up to which each of them gets operations of its own where the matrices would be larger. */
const maxUnrolledSteps = 512;

interface ConvLstm {
  readonly input: Tensor;
  /** The states that it begins with; empty for zeros. */
  readonly initial: readonly Tensor[];
  /** Sizes of the axes between steps and features. */
  readonly sizes: Shape;
  readonly features: number;
  readonly filters: number;
  readonly taps: Taps;
  /** The taps of the convolution of its state. */
  readonly ownTaps: Taps;
  /** (taps, features, 4 filters), gates i, f, g, o. */
  readonly kernel: Float32Array;
  /** (own taps, filters, 4 filters). */
  readonly recurrentKernel: Float32Array;
  /** (4 filters), or null. */
  readonly bias: Float32Array | null;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly isReversed: boolean;
  readonly returnsSequences: boolean;
  readonly returnsState: boolean;
}

/** ConvLSTM1D and ConvLSTM2D: an LSTM whose products are convolutions over the axes of a step. */
export const convLstm = (rank: number): LayerBuilder =>
  function build(layer): BuiltLayer {
    const read = readConvLstm(layer, rank);
    const { input, isReversed, returnsState, initial } = read;
    const isPlain = !isReversed && !returnsState && initial.length === 0;
    const isSmall = isPlain && expandedFloats(read) <= maxExpandedFloats;
    if (isSmall) {
      return asLstm(layer, read);
    }
    const math = arrayMath(
      layer,
      'its convolutions are computed over a whole window: as one LSTM they would have too many weights',
    );
    const [steps = 1] = shapeOf(input).map(Number);
    if (steps > maxUnrolledSteps) {
      throw layer.options.refused(
        `over ${steps} steps it would take too many operations, more than ${maxUnrolledSteps} steps do`,
      );
    }
    return unrolled(layer, math, read);
  };

function readConvLstm(layer: LayerContext, rank: number): ConvLstm {
  const { options, weights, kerasMajor, builder } = layer;
  const [input, ...initial] = [...layer.inputs, ...layer.initialState];
  if (input === undefined) {
    throw options.malformed('it has no input');
  }
  for (const each of [input, ...initial]) {
    requireAnyValue(layer, each);
  }
  options.ignore('dropout', 'recurrent_dropout', 'zero_output_for_mask');
  options.only('time_major', false, 'the time axis must be the second one');
  options.only('data_format', 'channels_last', 'the features must be the last axis');
  const shape = shapeOf(input);
  if (shape.length !== rank + 2) {
    throw options.malformed(
      `its input has ${shape.length} axes beside the batch, and it takes ${rank + 2}`,
    );
  }
  if (input.mask !== null) {
    throw options.refused('a mask reaches it, which is not supported');
  }
  if (builder.kind === 'window' && builder.isReverse) {
    throw options.refused('it is not supported inside of a Bidirectional');
  }
  const sizes = shape.slice(1, -1).map(Number);
  const features = Number(shape.at(-1));
  const filters = options.size('filters');
  const kernelSizes = sizesOfAxes(layer, 'kernel_size', rank, [1]);
  const strides = sizesOfAxes(layer, 'strides', rank, [1]);
  const dilations = sizesOfAxes(layer, 'dilation_rate', rank, [1]);
  const spans = spansOf(
    layer,
    sizes,
    kernelSizes.map((size, i) => ({
      size,
      stride: strides[i] ?? 1,
      dilation: dilations[i] ?? 1,
    })),
  );
  const taps = tapsOf(sizes, spans);
  const own = kernelSizes.map((size) => {
    const before = Math.floor((size - 1) / 2);
    return { size, stride: 1, dilation: 1, before, after: size - 1 - before };
  });
  if (options.raw('recurrent_activation') === undefined) {
    throw options.malformed('it does not say its recurrent_activation');
  }
  return {
    input,
    initial,
    sizes,
    features,
    filters,
    taps,
    ownTaps: tapsOf(taps.shape, own),
    kernel: weights.take('kernel', [...kernelSizes, features, 4 * filters], 'cell'),
    recurrentKernel: weights.take(
      'recurrent_kernel',
      [...kernelSizes, filters, 4 * filters],
      'cell',
    ),
    bias: options.boolean('use_bias', true) ? weights.take('bias', [4 * filters], 'cell') : null,
    activation: activationOf(options, 'activation', 'tanh', kerasMajor),
    recurrentActivation: activationOf(options, 'recurrent_activation', 'sigmoid', kerasMajor),
    isReversed: options.boolean('go_backwards', false),
    returnsSequences: options.boolean('return_sequences', false),
    returnsState: options.boolean('return_state', false),
  };
}

function expandedOf(read: ConvLstm): readonly [ExpandedKernel, ExpandedKernel] {
  const { taps, ownTaps, sizes, features, filters, kernel, recurrentKernel } = read;
  return [
    { taps, positions: product(sizes), inputs: features, kernel, filters, gates: 4 },
    {
      taps: ownTaps,
      positions: product(taps.shape),
      inputs: filters,
      kernel: recurrentKernel,
      filters,
      gates: 4,
    },
  ];
}

function expandedFloats(read: ConvLstm): number {
  return expandedOf(read).reduce((sum, expanded) => sum + expandedSize(expanded), 0);
}

/** As one LSTM of all positions, step by step or over a window. */
function asLstm(layer: LayerContext, read: ConvLstm): BuiltLayer {
  const { name, builder } = layer;
  const { input, taps, filters, bias, returnsSequences } = read;
  const shape = shapeOf(input);
  const [steps = null] = shape;
  const [inner, own] = expandedOf(read).map(expandKernel);
  const units = product(taps.shape) * filters;
  const output = builder.value(units, returnsSequences ? steps : 1);
  const { activation, recurrentActivation } = read;
  builder.add({
    kind: 'lstm',
    layer: name,
    input: input.value,
    output,
    units,
    mask: null,
    activation,
    recurrentActivation,
    kernel: inner ?? new Float32Array(),
    recurrentKernel: own ?? new Float32Array(),
    bias: bias && eachPosition(bias, filters, units),
    hOffset: builder.reserveState(name, 'h', units),
    cOffset: builder.reserveState(name, 'c', units),
  });
  const behind = [...taps.shape, filters];
  const dimensions = returnsSequences ? [Number(steps), ...behind] : behind;
  if (builder.kind === 'window') {
    const array = { value: output, shape: dimensions };
    const tensor = arrayTensor(layer, new ArrayMath(builder, name), array);
    return { outputs: [tensor], streaming: 'state carried' };
  }
  const tensor: Tensor = {
    value: output,
    size: filters,
    form: 'array',
    rate: input.rate,
    mask: null,
    dimensions,
    isOfOneStep: !returnsSequences,
  };
  return { outputs: [tensor], streaming: 'state carried' };
}

/** The bias of each gate, repeated for all positions. */
function eachPosition(bias: Float32Array, filters: number, units: number): Float32Array {
  return Float32Array.from(
    { length: 4 * units },
    (_, i) => bias[Math.floor(i / units) * filters + (i % filters)] ?? 0,
  );
}

/** Step after step over a window, each with operations of its own. */
function unrolled(layer: LayerContext, math: ArrayMath, read: ConvLstm): BuiltLayer {
  const { filters, taps, ownTaps, returnsSequences, returnsState } = read;
  const inputs = fromInput(math, read);
  const shape = [...taps.shape, filters];
  const hidden: WindowArray[] = [];
  let [h, c] = read.initial.map(arrayOf);
  for (const input of inputs) {
    const fromState = (from: WindowArray): WindowArray =>
      convolved(math, from, ownTaps, {
        kernel: read.recurrentKernel,
        bias: null,
        filters: 4 * filters,
        groups: 1,
        activation: { kind: 'linear' },
      });
    const gates = h === undefined ? input : math.merge('add', input, fromState(h));
    const gate = (index: number, activation: Activation): WindowArray => {
      const own = { from: index * filters, step: 1, count: filters };
      return math.activate(math.slice(gates, gates.shape.length - 1, own), activation);
    };
    const added = math.merge(
      'multiply',
      gate(0, read.recurrentActivation),
      gate(2, read.activation),
    );
    const kept = c && math.merge('multiply', gate(1, read.recurrentActivation), c);
    c = kept === undefined ? added : math.merge('add', kept, added);
    h = math.merge(
      'multiply',
      gate(3, read.recurrentActivation),
      math.activate(c, read.activation),
    );
    hidden.push(h);
  }
  if (h === undefined || c === undefined) {
    throw layer.options.malformed('its input has no steps');
  }
  const joined = returnsSequences
    ? math.concatenate(
        hidden.map((each) => math.reshape(each, [1, ...shape])),
        0,
      )
    : h;
  const made = returnsState ? [joined, h, c] : [joined];
  return {
    outputs: made.map((array) => arrayTensor(layer, math, array)),
    streaming: 'whole window',
  };
}

/** Returns what the input adds to the gates at each step, in the order in which the steps are taken. */
function fromInput(math: ArrayMath, read: ConvLstm): WindowArray[] {
  const { input, taps, filters, kernel, bias, isReversed } = read;
  const [steps = 1] = shapeOf(input).map(Number);
  const order = Array.from({ length: steps }, (_, i) => (isReversed ? steps - 1 - i : i));
  return order.map((step) => {
    const array = arrayOf(input);
    const one = math.slice(array, 0, { from: step, step: 1, count: 1 });
    return convolved(math, math.reshape(one, array.shape.slice(1)), taps, {
      kernel,
      bias,
      filters: 4 * filters,
      groups: 1,
      activation: { kind: 'linear' },
    });
  });
}
