import type { Activation } from '../../../plan/stream-plan.js';
import { activationOf } from '../layer-builder/activation.js';
import {
  recurrentActivation,
  recurrentFields,
  takeMatrices,
  type BuiltCell,
  type CellBuilder,
  type CellContext,
} from './cell.js';

export const lstmCell: CellBuilder = (cell) => {
  const { units, kernel, recurrentKernel, useBias } = takeMatrices(cell, 4);
  const output = cell.output(units);
  cell.builder.add({
    ...recurrentFields(cell, units, output),
    kind: 'lstm',
    kernel,
    recurrentKernel,
    bias: useBias ? cell.weights.take('bias', [4 * units], cell.part) : null,
    recurrentActivation: recurrentActivation(cell),
    cOffset: cell.builder.reserveState(cell.name, 'c', units),
  });
  return { value: output, units, roles: ['h', 'c'] };
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
  return addGru(cell, units, {
    kernel,
    recurrentKernel,
    bias: bias?.data ?? null,
    resetAfter: resetAfter ?? bias?.shape.length === 2,
    activation: activationOf(options, 'activation', 'tanh', cell.kerasMajor),
    recurrentActivation: recurrentActivation(cell),
  });
};

/** Adds a GRU with the weights that its layer has made of the file's. */
export function addGru(
  cell: CellContext,
  units: number,
  parts: {
    readonly kernel: Float32Array;
    readonly recurrentKernel: Float32Array;
    /** (3 units); with `resetAfter` (6 units): the bias of the input, then that of the state. */
    readonly bias: Float32Array | null;
    readonly resetAfter: boolean;
    readonly activation: Activation;
    readonly recurrentActivation: Activation;
  },
): BuiltCell {
  const output = cell.output(units);
  const { bias, resetAfter } = parts;
  cell.builder.add({
    ...recurrentFields(cell, units, output),
    ...parts,
    kind: 'gru',
    bias: bias?.slice(0, 3 * units) ?? null,
    recurrentBias: resetAfter ? (bias?.slice(3 * units) ?? null) : null,
  });
  return { value: output, units, roles: ['h'] };
}

export const simpleRnnCell: CellBuilder = (cell) => {
  const { units, kernel, recurrentKernel, useBias } = takeMatrices(cell, 1);
  const output = cell.output(units);
  cell.builder.add({
    ...recurrentFields(cell, units, output),
    kind: 'simpleRnn',
    kernel,
    recurrentKernel,
    bias: useBias ? cell.weights.take('bias', [units], cell.part) : null,
  });
  return { value: output, units, roles: ['h'] };
};
