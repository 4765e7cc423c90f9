import type { MachineClock } from '../platform/machine-clock.js';
import {
  elapsedMs,
  gapAfterMs,
  isSameBoot,
  readClock,
  unknownSampleMs,
  type Now,
  type SavedState,
} from '../state/saved-state.js';

/** A state that a stream has resumed: how old it was, and how long the gap behind it is. */
export class ResumedState {
  readonly saved: SavedState;
  readonly #clock: MachineClock;
  readonly #resumedAt: Now;
  #ageMs: number | null;
  #isGapOpen: boolean;

  /** @param ageMs time since it was saved, milliseconds; null where nobody knows it */
  constructor(saved: SavedState, ageMs: number | null, clock: MachineClock) {
    this.saved = saved;
    this.#clock = clock;
    this.#resumedAt = readClock(clock);
    this.#ageMs = ageMs;
    this.#isGapOpen = saved.lastSampleMs !== unknownSampleMs;
  }

  /** How old it was when it was resumed, milliseconds; null where nobody knows it. */
  get ageMs(): number | null {
    return this.#ageMs;
  }

  /**
   * The first sample after it ends the gap.
   *
   * @returns length of the gap, milliseconds; null where nobody knows it, undefined where there is none to tell of
   */
  endGap(firstSampleMs: number): number | null | undefined {
    if (!this.#isGapOpen) {
      return undefined;
    }
    this.#isGapOpen = false;
    return gapAfterMs(this.saved, readClock(this.#clock), firstSampleMs);
  }

  /**
   * Looks at the age again, after the wall clock was set or became known to be right.
   *
   * @returns whether another age came out
   */
  lookAgain(): boolean {
    const now = readClock(this.#clock);
    if (isSameBoot(this.saved.savedAt, now)) {
      return false;
    }
    const { bootMs } = this.#resumedAt;
    const epochMs = now.epochMs - (now.bootMs - bootMs);
    const ageMs = elapsedMs(this.saved.savedAt, { ...now, epochMs, bootMs });
    const isOther =
      ageMs !== null && (this.#ageMs === null || Math.abs(ageMs - this.#ageMs) > 1000);
    if (isOther) {
      this.#ageMs = ageMs;
    }
    return isOther;
  }
}
