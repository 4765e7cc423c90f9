import { addGru, addLstm, addSimpleRnn } from '../../operations/cell.js';
import {
  cellSite,
  recurrentActivation,
  takeMatrices,
  type BuiltCell,
  type CellBuilder,
  type CellContext,
} from './cell.js';

export const lstmCell: CellBuilder = (cell) => {
  const { units, kernel, recurrentKernel, useBias } = takeMatrices(cell, 4);
  const site = cellSite(cell, units);
  addLstm(site, {
    kernel,
    recurrentKernel,
    bias: useBias ? cell.weights.take('bias', [4 * units], cell.part) : null,
    recurrentActivation: recurrentActivation(cell),
  });
  return { value: site.output, units, roles: ['h', 'c'] };
};

export const gruCell: CellBuilder = (cell) => {
  const { options, part } = cell;
  const { units, kernel, recurrentKernel, useBias } = takeMatrices(cell, 3);
  const width = 3 * units;
  // Keras up to 2.1 did not have the option: the shape of the bias then decides.
  const resetAfter = options.raw('reset_after');
  if (resetAfter !== undefined && typeof resetAfter !== 'boolean') {
    throw options.malformed('reset_after is not a boolean');
  }
  const shapes =
    resetAfter === undefined ? [[width], [2, width]] : resetAfter ? [[2, width]] : [[width]];
  const bias = useBias ? cell.weights.takeOneOf('bias', shapes, part) : null;
  return kerasGru(cell, units, {
    kernel,
    recurrentKernel,
    bias: bias?.data ?? null,
    resetAfter: resetAfter ?? bias?.shape.length === 2,
  });
};

/** Adds a GRU with the matrices that its layer has made of the file's. */
function kerasGru(
  cell: CellContext,
  units: number,
  parts: {
    readonly kernel: Float32Array;
    readonly recurrentKernel: Float32Array;
    /** (3 units); with `resetAfter` (6 units): the bias of the input, then that of the state. */
    readonly bias: Float32Array | null;
    readonly resetAfter: boolean;
  },
): BuiltCell {
  const site = cellSite(cell, units);
  const { bias, resetAfter } = parts;
  addGru(site, {
    ...parts,
    bias: bias?.slice(0, 3 * units) ?? null,
    recurrentBias: resetAfter ? (bias?.slice(3 * units) ?? null) : null,
    recurrentActivation: recurrentActivation(cell),
  });
  return { value: site.output, units, roles: ['h'] };
}

export const simpleRnnCell: CellBuilder = (cell) => {
  const { units, kernel, recurrentKernel, useBias } = takeMatrices(cell, 1);
  const site = cellSite(cell, units);
  addSimpleRnn(site, {
    kernel,
    recurrentKernel,
    bias: useBias ? cell.weights.take('bias', [units], cell.part) : null,
  });
  return { value: site.output, units, roles: ['h'] };
};
