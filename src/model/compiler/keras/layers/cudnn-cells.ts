import { recurrentFields, type CellBuilder } from './cell.js';
import { addGru } from './cells.js';
import { fromCudnnBias, fromCudnnKernel, fromCudnnRecurrent } from './cudnn.js';

/** CuDNNLSTM: an LSTM with its weights in the layout of NVIDIA's library. */
export const cudnnLstmCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, place, inputSize } = cell;
  const output = cell.output(units);
  cell.builder.add({
    ...recurrentFields(cell, units, output),
    kind: 'lstm',
    kernel: fromCudnnKernel(weights.take('kernel', [inputSize, 4 * units], place), inputSize, 4),
    recurrentKernel: fromCudnnRecurrent(
      weights.take('recurrent_kernel', [units, 4 * units], place),
      units,
      4,
    ),
    bias: fromCudnnBias(weights.take('bias', [8 * units], place)),
    recurrentActivation: { kind: 'sigmoid' },
    cOffset: cell.builder.reserveState(cell.name, 'c', units),
  });
  return { value: output, units, roles: ['h', 'c'] };
};

/** CuDNNGRU: a GRU with `reset_after` and its weights in the layout of NVIDIA's library. */
export const cudnnGruCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, place, inputSize } = cell;
  return addGru(cell, units, {
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
