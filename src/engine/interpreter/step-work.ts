/**
 * The work of one operation in a step in which all of its inputs are fresh. It reads and writes the
 * values that it was made with, and its own part of the state.
 *
 * @param lane offset of the lane in the state, in floats
 * @returns whether the output is fresh
 */
export type StepWork = (state: Float32Array, lane: number) => boolean;

/**
 * Reads a count of the state, from 0 to `most`. It is NaN where the state holds no such count, and the
 * operation writes that back, for which the engine resets the state.
 */
export function readCounter(state: Float32Array, offset: number, most: number): number {
  const count = state[offset];
  return Number.isInteger(count) && count >= 0 && count <= most ? count : Number.NaN;
}
