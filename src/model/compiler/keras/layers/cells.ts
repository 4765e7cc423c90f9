import { activationOf } from '../layer-builder/activation.js';
import type { Activation, ValueId } from '../../../plan/stream-plan.js';
import type { StepBuilder } from '../../step-builder.js';
import type { WindowBuilder } from '../../window-builder.js';
import { fromCudnnBias, fromCudnnKernel, fromCudnnRecurrent } from './cudnn.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import type { CarriedState } from '../layer-builder/layer-builder.js';
import type { WeightReader } from '../layer-builder/weight-reader.js';

/** What carries a state from step to step, in a layer of its own or inside an RNN. */
export interface CellContext {
  /** As its states are named. */
  readonly name: string;
  readonly kerasMajor: number;
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  /** Where its weights lie in the layer. */
  readonly place: string;
  readonly builder: StepBuilder | WindowBuilder;
  readonly input: ValueId;
  readonly inputSize: number;
  readonly mask: ValueId | null;
  /** Makes the register of its output. */
  readonly output: (units: number) => ValueId;
}

export interface BuiltCell {
  readonly value: ValueId;
  readonly units: number;
  /** Its states, in Keras' order. */
  readonly roles: readonly CarriedState['role'][];
}

export type CellBuilder = (cell: CellContext) => BuiltCell;

export const lstmCell: CellBuilder = (cell) => {
  const { units, kernel, recurrentKernel, useBias } = matrices(cell, 4);
  const output = cell.output(units);
  cell.builder.add({
    ...common(cell, units, output),
    kind: 'lstm',
    kernel,
    recurrentKernel,
    bias: useBias ? cell.weights.take('bias', [4 * units], cell.place) : null,
    recurrentActivation: gate(cell),
    cOffset: cell.builder.remember(cell.name, 'c', units),
  });
  return { value: output, units, roles: ['h', 'c'] };
};

export const gruCell: CellBuilder = (cell) => {
  const { options, place } = cell;
  const { units, kernel, recurrentKernel, useBias } = matrices(cell, 3);
  const width = 3 * units;
  // Keras up to 2.1 did not have the option; what is in the file then decides.
  const resetAfter = options.raw('reset_after');
  if (resetAfter !== undefined && typeof resetAfter !== 'boolean') {
    throw options.malformed('reset_after is not a boolean');
  }
  const shapes =
    resetAfter === undefined ? [[width], [2, width]] : resetAfter ? [[2, width]] : [[width]];
  const bias = useBias ? cell.weights.takeOneOf('bias', shapes, place) : null;
  return gru(cell, units, {
    kernel,
    recurrentKernel,
    bias: bias?.data ?? null,
    resetAfter: resetAfter ?? bias?.shape.length === 2,
    activation: activationOf(options, 'activation', 'tanh', cell.kerasMajor),
    recurrentActivation: gate(cell),
  });
};

export const simpleRnnCell: CellBuilder = (cell) => {
  const { units, kernel, recurrentKernel, useBias } = matrices(cell, 1);
  const output = cell.output(units);
  cell.builder.add({
    ...common(cell, units, output),
    kind: 'simpleRnn',
    kernel,
    recurrentKernel,
    bias: useBias ? cell.weights.take('bias', [units], cell.place) : null,
  });
  return { value: output, units, roles: ['h'] };
};

/** CuDNNLSTM: an LSTM with its weights in the order of NVIDIA's library. */
export const cudnnLstmCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, place, inputSize } = cell;
  const output = cell.output(units);
  cell.builder.add({
    ...common(cell, units, output),
    kind: 'lstm',
    kernel: fromCudnnKernel(weights.take('kernel', [inputSize, 4 * units], place), inputSize, 4),
    recurrentKernel: fromCudnnRecurrent(
      weights.take('recurrent_kernel', [units, 4 * units], place),
      units,
      4,
    ),
    bias: fromCudnnBias(weights.take('bias', [8 * units], place)),
    recurrentActivation: { kind: 'sigmoid' },
    cOffset: cell.builder.remember(cell.name, 'c', units),
  });
  return { value: output, units, roles: ['h', 'c'] };
};

/** CuDNNGRU: a GRU with `reset_after`. */
export const cudnnGruCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, place, inputSize } = cell;
  return gru(cell, units, {
    kernel: fromCudnnKernel(weights.take('kernel', [inputSize, 3 * units], place), inputSize, 3),
    recurrentKernel: fromCudnnRecurrent(
      weights.take('recurrent_kernel', [units, 3 * units], place),
      units,
      3,
    ),
    bias: weights.take('bias', [6 * units], place),
    resetAfter: true,
    activation: { kind: 'tanh' },
    recurrentActivation: { kind: 'sigmoid' },
  });
};

function gru(
  cell: CellContext,
  units: number,
  made: {
    readonly kernel: Float32Array;
    readonly recurrentKernel: Float32Array;
    /** With `resetAfter` both biases one after the other. */
    readonly bias: Float32Array | null;
    readonly resetAfter: boolean;
    readonly activation: Activation;
    readonly recurrentActivation: Activation;
  },
): BuiltCell {
  const output = cell.output(units);
  const { bias, resetAfter } = made;
  cell.builder.add({
    ...common(cell, units, output),
    ...made,
    kind: 'gru',
    bias: bias?.slice(0, 3 * units) ?? null,
    recurrentBias: resetAfter ? (bias?.slice(3 * units) ?? null) : null,
  });
  return { value: output, units, roles: ['h'] };
}

function common(cell: CellContext, units: number, output: ValueId) {
  return {
    layer: cell.name,
    input: cell.input,
    output,
    units,
    mask: cell.mask,
    activation: activationOf(cell.options, 'activation', 'tanh', cell.kerasMajor),
    hOffset: cell.builder.remember(cell.name, 'h', units),
  };
}

function matrices({ options, weights, inputSize, place }: CellContext, gates: number) {
  options.ignore('dropout', 'recurrent_dropout', 'unit_forget_bias');
  const units = options.size('units');
  return {
    units,
    useBias: options.boolean('use_bias', true),
    kernel: weights.take('kernel', [inputSize, gates * units], place),
    recurrentKernel: weights.take('recurrent_kernel', [units, gates * units], place),
  };
}

function gate({ options, kerasMajor }: CellContext): Activation {
  if (options.raw('recurrent_activation') === undefined) {
    throw options.malformed('it does not say its recurrent_activation');
  }
  return activationOf(options, 'recurrent_activation', 'linear', kerasMajor);
}
