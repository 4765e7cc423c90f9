import type { Candidate } from './candidate.js';
import type { FoundGravity } from './gravity.js';

/** Holds what a sensor seems to send. */
export interface Finding extends Pick<
  Candidate,
  'decoder' | 'axes' | 'options' | 'places' | 'notes' | 'isUnnamed'
> {
  /** From 0 to 1; from `surely` on nothing else is known to look like it, below `likely` it is a guess. */
  readonly confidence: number;
  readonly rows: number;
  /** Rows that came and could not be read. */
  readonly lost: number;
  /** Measured rows a second; null where too few came. */
  readonly rateHz: number | null;
  /** Least and greatest reading of each axis. */
  readonly ranges: readonly { readonly min: number; readonly max: number }[];
  /** Unit of each axis; null where nothing tells. */
  readonly units: readonly (string | null)[];
  /** Holds what the units were told by: `the format`, or gravity in words; null where nothing tells. */
  readonly unitsFrom: string | null;
  readonly gravity: FoundGravity | null;
}

export const surely = 0.9;
export const likely = 0.5;

/** A confidence in words. */
export function confidenceText(confidence: number): string {
  if (confidence >= surely) {
    return 'sure';
  }
  return confidence >= likely ? 'likely' : 'a guess';
}
