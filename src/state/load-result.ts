import type { SavedState } from './saved-state.js';
import type { AbsenceReason } from './slot-survey.js';

/** Why a stream starts with the state it starts with. */
type LoadReason =
  | 'resumed'
  | AbsenceReason
  | 'tooOld'
  /** Nobody knows how old it is: the machine was booted since, and its clock is not known to be right. */
  | 'unknownAge'
  /** The file system gave an error. */
  | 'unreadable'
  /** The model was replaced while the stream ran. */
  | 'reloaded';

/** Says what was found on flash at a start. */
export type LoadResult = {
  /** Holds what was learnt from the stream, however old the state and whatever the model; null for nothing. */
  readonly learnt: object | null;
} & (
  | {
      readonly reason: 'resumed';
      readonly saved: SavedState;
      /** Time since it was saved, milliseconds; null where nobody knows it. */
      readonly ageMs: number | null;
    }
  | { readonly reason: Exclude<LoadReason, 'resumed'>; readonly saved: null }
);
