import type { Activation, ValueId } from '../../../plan/stream-plan.js';
import type { CellSite } from '../../operations/cell.js';
import type { PlanBuilder } from '../../plan-builder.js';
import type { CarriedState } from '../../tensor.js';
import { activationOf } from '../layer-builder/activation.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import type { WeightReader } from '../weights/weight-reader.js';

/** A recurrent cell: a layer of its own (LSTM), or a part of an RNN. */
export interface CellContext {
  /** The layer that its states are named after. */
  readonly name: string;
  readonly kerasMajor: number;
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  /** Part of the layer where its weights lie, e.g. `cell`; empty for the layer itself. */
  readonly part: string;
  readonly builder: PlanBuilder;
  readonly input: ValueId;
  /** Floats of one step of the input. */
  readonly inputSize: number;
  readonly mask: ValueId | null;
  /** Makes the value of its output. */
  readonly output: (units: number) => ValueId;
}

/** The result of building a cell. */
export interface BuiltCell {
  readonly value: ValueId;
  readonly units: number;
  /** Its states, in Keras' order. */
  readonly roles: readonly CarriedState['role'][];
}

/** Adds the operation of a cell; throws as `LayerBuilder` does. */
export type CellBuilder = (cell: CellContext) => BuiltCell;

/** The cell with its output and the activation that its options say, for its operation. */
export function cellSite(cell: CellContext, units: number): CellSite {
  return {
    ...cell,
    units,
    output: cell.output(units),
    activation: activationOf(cell.options, 'activation', 'tanh', cell.kerasMajor),
  };
}

/**
 * Reads the options and takes the matrices that the cells have in common.
 *
 * @param gates of the cell: the kernel is (inputs, gates * units), the recurrent one (units, gates * units)
 */
export function takeMatrices({ options, weights, inputSize, part }: CellContext, gates: number) {
  options.ignore('dropout', 'recurrent_dropout');
  const units = options.size('units');
  return {
    units,
    useBias: options.boolean('use_bias', true),
    kernel: weights.take('kernel', [inputSize, gates * units], part),
    recurrentKernel: weights.take('recurrent_kernel', [units, gates * units], part),
  };
}

/** The activation of the gates, whose default differs between versions of Keras, so that it must be given. */
export function recurrentActivation({ options, kerasMajor }: CellContext): Activation {
  if (options.raw('recurrent_activation') === undefined) {
    throw options.malformed('it does not say its recurrent_activation');
  }
  return activationOf(options, 'recurrent_activation', 'linear', kerasMajor);
}
