import type { StepOp, ValueId } from '../../model/plan/step-op.js';
import type { EngineName } from '../program/engine.js';
import type { StepWork } from './register.js';

/**
 * What computes single operations. Around it an engine in TypeScript is one and the same: header
 * and lanes of the state, freshness, held outputs, flags.
 */
export interface Arithmetic {
  readonly name: EngineName;
  /** See `Engine.target`. */
  readonly target: string;
  /** The work of an operation on the registers of its values. */
  readonly workOf: (op: StepOp, values: (value: ValueId) => Float64Array) => StepWork;
}
