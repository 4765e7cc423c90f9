import type { GruOp, LstmOp, SimpleRnnOp } from '../../plan/step-op.js';
import type { Activation, ValueId } from '../../plan/stream-plan.js';
import type { PlanBuilder } from '../plan-builder.js';

/** A recurrent cell, and where its operation goes. */
export interface CellSite {
  /** The layer that its states are named after. */
  readonly name: string;
  readonly builder: PlanBuilder;
  readonly input: ValueId;
  readonly output: ValueId;
  readonly units: number;
  readonly mask: ValueId | null;
  readonly activation: Activation;
  /** The states that it begins with, step by step, where they are no zeros; a window has values of its own for them. */
  readonly initial?: InitialStates;
}

/** States that a cell begins with, by their roles; zeros where one is absent. */
export interface InitialStates {
  readonly h?: Float32Array;
  readonly c?: Float32Array;
}

/**
 * Adds an LSTM; its states are h, then c.
 *
 * @returns the offset of c
 */
export function addLstm(
  site: CellSite,
  parts: Pick<
    LstmOp,
    | 'kernel'
    | 'recurrentKernel'
    | 'bias'
    | 'recurrentActivation'
    | 'clip'
    | 'peepholes'
    | 'stateActivation'
    | 'isCoupled'
  >,
): number {
  const { name, builder, units, initial } = site;
  const fields = recurrentFields(site);
  const cOffset = builder.reserveState(name, 'c', units);
  const input = begun(site, fields.input, cOffset, initial?.c);
  builder.add({ ...fields, ...parts, input, kind: 'lstm', cOffset });
  return cOffset;
}

/** Adds a GRU. */
export function addGru(
  site: CellSite,
  parts: Pick<
    GruOp,
    | 'kernel'
    | 'recurrentKernel'
    | 'bias'
    | 'recurrentBias'
    | 'resetAfter'
    | 'recurrentActivation'
    | 'clip'
  >,
): void {
  site.builder.add({ ...recurrentFields(site), ...parts, kind: 'gru' });
}

/** Adds a cell of one gate. */
export function addSimpleRnn(
  site: CellSite,
  parts: Pick<SimpleRnnOp, 'kernel' | 'recurrentKernel' | 'bias' | 'clip'>,
): void {
  site.builder.add({ ...recurrentFields(site), ...parts, kind: 'simpleRnn' });
}

/** The fields that the operations of all cells have. Reserves h. */
function recurrentFields(site: CellSite) {
  const { name, builder, output, units, mask, activation } = site;
  const hOffset = builder.reserveState(name, 'h', units);
  const input = begun(site, site.input, hOffset, site.initial?.h);
  return { layer: name, input, output, units, mask, activation, hOffset };
}

/**
 * Makes the state at an offset begin with numbers, step by step; undefined for zeros.
 *
 * @returns the input that the operation of the state then takes
 */
export function begun(
  { name, builder }: Pick<CellSite, 'name' | 'builder'>,
  input: ValueId,
  statesOffset: number,
  states: Float32Array | undefined,
): ValueId {
  if (states === undefined || builder.kind === 'window') {
    return input;
  }
  const output = builder.valueLike(input, builder.valueSizes[input] ?? 0);
  const begunOffset = builder.reserveState(name, 'counter', 1);
  builder.add({ kind: 'begin', layer: name, input, output, states, statesOffset, begunOffset });
  return output;
}
