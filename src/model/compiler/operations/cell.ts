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
}

/** Adds an LSTM; its states are h, then c. */
export function addLstm(
  site: CellSite,
  parts: Pick<LstmOp, 'kernel' | 'recurrentKernel' | 'bias' | 'recurrentActivation'>,
): void {
  site.builder.add({
    ...recurrentFields(site),
    ...parts,
    kind: 'lstm',
    cOffset: site.builder.reserveState(site.name, 'c', site.units),
  });
}

/** Adds a GRU. */
export function addGru(
  site: CellSite,
  parts: Pick<
    GruOp,
    'kernel' | 'recurrentKernel' | 'bias' | 'recurrentBias' | 'resetAfter' | 'recurrentActivation'
  >,
): void {
  site.builder.add({ ...recurrentFields(site), ...parts, kind: 'gru' });
}

/** Adds a cell of one gate. */
export function addSimpleRnn(
  site: CellSite,
  parts: Pick<SimpleRnnOp, 'kernel' | 'recurrentKernel' | 'bias'>,
): void {
  site.builder.add({ ...recurrentFields(site), ...parts, kind: 'simpleRnn' });
}

/** The fields that the operations of all cells have. Reserves h. */
function recurrentFields({ name, builder, input, output, units, mask, activation }: CellSite) {
  return {
    layer: name,
    input,
    output,
    units,
    mask,
    activation,
    hOffset: builder.reserveState(name, 'h', units),
  };
}
