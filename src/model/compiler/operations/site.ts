import type { LstmdError } from '../../../base/errors.js';
import type { PlanBuilder } from '../plan-builder.js';
import type { NamedLayer } from '../tensor.js';

/** Says where operations are added: a layer or a node of any dialect. */
export interface Site extends NamedLayer {
  readonly builder: PlanBuilder;
  readonly options: {
    /** The error for what would not be computed exactly; the message begins with the layer. */
    refused(reason: string): LstmdError;
    /** The error for what contradicts itself; the message begins with the layer. */
    malformed(reason: string): LstmdError;
  };
}

/** `1 step`, `2 steps`. */
export function stepsText(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}
