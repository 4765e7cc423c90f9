import { recurrentFields, type CellBuilder } from './cell.js';
import { addGru } from './cells.js';
import { fromCudnnBias, fromCudnnKernel, fromCudnnRecurrent } from './cudnn.js';

/** CuDNNLSTM: an LSTM with its weights in the layout of NVIDIA's library. */
export const cudnnLstmCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, part, inputSize } = cell;
  const output = cell.output(units);
  cell.builder.add({
    ...recurrentFields(cell, units, output),
    kind: 'lstm',
    kernel: fromCudnnKernel(weights.take('kernel', [inputSize, 4 * units], part), inputSize, 4),
    recurrentKernel: fromCudnnRecurrent(
      weights.take('recurrent_kernel', [units, 4 * units], part),
      units,
      4,
    ),
    bias: fromCudnnBias(weights.take('bias', [8 * units], part)),
    recurrentActivation: { kind: 'sigmoid' },
    cOffset: cell.builder.reserveState(cell.name, 'c', units),
  });
  return { value: output, units, roles: ['h', 'c'] };
};

/** CuDNNGRU: a GRU with `reset_after` and its weights in the layout of NVIDIA's library. */
export const cudnnGruCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, part, inputSize } = cell;
  return addGru(cell, units, {
    kernel: fromCudnnKernel(weights.take('kernel', [inputSize, 3 * units], part), inputSize, 3),
    recurrentKernel: fromCudnnRecurrent(
      weights.take('recurrent_kernel', [units, 3 * units], part),
      units,
      3,
    ),
    bias: weights.take('bias', [6 * units], part),
    resetAfter: true,
    activation: { kind: 'tanh' },
    recurrentActivation: { kind: 'sigmoid' },
  });
};
