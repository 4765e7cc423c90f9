import { addGru, addLstm } from '../../operations/cell.js';
import { cellSite, type CellBuilder } from './cell.js';
import { fromCudnnBias, fromCudnnKernel, fromCudnnRecurrent } from './cudnn.js';

/** CuDNNLSTM: an LSTM with its weights in the layout of NVIDIA's library. */
export const cudnnLstmCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, part, inputSize } = cell;
  const site = cellSite(cell, units);
  addLstm(site, {
    kernel: fromCudnnKernel(weights.take('kernel', [inputSize, 4 * units], part), inputSize, 4),
    recurrentKernel: fromCudnnRecurrent(
      weights.take('recurrent_kernel', [units, 4 * units], part),
      units,
      4,
    ),
    bias: fromCudnnBias(weights.take('bias', [8 * units], part)),
    recurrentActivation: { kind: 'sigmoid' },
  });
  return { value: site.output, units, roles: ['h', 'c'] };
};

/** CuDNNGRU: a GRU with `reset_after` and its weights in the layout of NVIDIA's library. */
export const cudnnGruCell: CellBuilder = (cell) => {
  const units = cell.options.size('units');
  const { weights, part, inputSize } = cell;
  const site = cellSite(cell, units);
  const kernel = weights.take('kernel', [inputSize, 3 * units], part);
  const recurrentKernel = weights.take('recurrent_kernel', [units, 3 * units], part);
  const bias = weights.take('bias', [6 * units], part);
  addGru(site, {
    kernel: fromCudnnKernel(kernel, inputSize, 3),
    recurrentKernel: fromCudnnRecurrent(recurrentKernel, units, 3),
    bias: bias.slice(0, 3 * units),
    recurrentBias: bias.slice(3 * units),
    resetAfter: true,
    recurrentActivation: { kind: 'sigmoid' },
  });
  return { value: site.output, units, roles: ['h'] };
};
