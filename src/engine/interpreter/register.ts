/** What an operation reads and writes in a step: a value, and whether this step wrote it. */
export interface Register {
  readonly values: Float64Array;
  fresh: boolean;
}

export function registerOf(size: number): Register {
  return { values: new Float64Array(size), fresh: false };
}

/**
 * A counter of the state, from 0 to `most`; NaN where it is none, which the operation leaves in the
 * state for the lane to be reset.
 */
export function readCounter(state: Float32Array, at: number, most: number): number {
  const count = state[at];
  return Number.isInteger(count) && count >= 0 && count <= most ? count : Number.NaN;
}

/**
 * The work of an operation in a step where all of its inputs are fresh: on the registers that it was
 * made with and on its own part of a lane.
 *
 * @param lane offset of the lane in the state
 * @returns whether the output is fresh
 */
export type StepWork = (state: Float32Array, lane: number) => boolean;
