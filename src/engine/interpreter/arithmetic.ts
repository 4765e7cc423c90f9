import type { StepOp, ValueId } from '../../model/plan/step-op.js';
import type { EngineName } from '../program/engine.js';
import type { StepWork } from './step-work.js';

/**
 * How the operations of a plan are computed. The interpreter does the rest, which is the same in
 * every engine in TypeScript: the header and lanes of the state, freshness, held outputs, flags.
 */
export interface Arithmetic {
  readonly name: EngineName;
  /** See `Engine.target`. */
  readonly target: string;
  /**
   * The work of an operation.
   *
   * @param values the memory of a value, the same array at each call
   */
  readonly workOf: (op: StepOp, values: (value: ValueId) => Float64Array) => StepWork;
}
