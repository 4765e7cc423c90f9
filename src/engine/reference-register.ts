/** What an operation reads and writes in a step: a value, and whether this step wrote it. */
export interface Register {
  readonly values: Float64Array;
  fresh: boolean;
}

export function registerOf(size: number): Register {
  return { values: new Float64Array(size), fresh: false };
}

/**
 * The work of an operation in a step where all of its inputs are fresh: on the registers that it was
 * made with and on its own part of a lane.
 *
 * @param lane offset of the lane in the state
 * @returns whether the output is fresh
 */
export type StepWork = (state: Float32Array, lane: number) => boolean;
