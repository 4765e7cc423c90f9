/** Boards without a battery begin in 1970 until they reach a time server: no wall clock before this was set. */
export const clockIsSetMs = Date.UTC(2020);

/** A wall clock that moved by more against a clock that nobody sets was set; less is drift. */
export const clockStepMs = 1000;

/**
 * How far a wall clock was set from one moment to another.
 *
 * @param beforeOffsetMs at the first moment, epoch time less the time of a clock that nobody sets, milliseconds
 * @param afterOffsetMs the same at the second
 * @returns milliseconds; 0 where it was not set
 */
export function clockStep(beforeOffsetMs: number, afterOffsetMs: number): number {
  const stepMs = afterOffsetMs - beforeOffsetMs;
  return Math.abs(stepMs) > clockStepMs ? stepMs : 0;
}
