import { clockIsSetMs, clockStep } from '../base/clock-step.js';
import type { MachineClock } from '../platform/machine-clock.js';

/** A moment as the clocks of a machine showed it. */
export interface Moment {
  /** Wall time, epoch milliseconds. */
  readonly epochMs: number;
  /** Time since the boot, milliseconds. */
  readonly bootMs: number;
  /** The boot, 32 hexadecimal digits; null where nobody knows which. */
  readonly bootId: string | null;
}

/** The moment that is now. */
export interface Now extends Moment {
  /** True when the wall clock is known to be right; see `MachineClock`. */
  readonly isRight: boolean;
}

/** A state and what it belongs to. */
export interface SavedState {
  /**
   * The stream whose state it is. Empty in a slot that names none: one of version 1, or a file that
   * was not saved for a stream.
   */
  readonly stream: string;
  /** SHA-256 of the model file, lower-case hex. */
  readonly modelSha256: string;
  /** SHA-256 of the state's layout (model, mode, window, lanes ...), lower-case hex. */
  readonly layoutHash: string;
  /** Number of this save; the higher of two slots is the newer. */
  readonly sequence: number;
  /** Samples seen since this state began. */
  readonly sampleCount: number;
  /** Acquisition time of the last sample in it, epoch milliseconds; `unknownSampleMs` where nobody knows it. */
  readonly lastSampleMs: number;
  /** When it was saved. */
  readonly savedAt: Moment;
  /** Holds what the stream had told of its format, such as the order in a header row: a JSON object; null for nothing. */
  readonly learnt: object | null;
  readonly state: Float32Array;
}

/** Stands for the time of the last sample where nobody knows it, as in a state that was imported. */
export const unknownSampleMs = 0;

/** Reads all clocks of a machine. */
export function readClock(clock: MachineClock): Now {
  return {
    epochMs: clock.epochMs(),
    bootMs: clock.bootMs(),
    bootId: clock.bootId,
    isRight: clock.isRight(),
  };
}

/** How far a right wall clock may lie behind an earlier moment before that says that it was set back. */
const slackMs = 1000;

/**
 * Time from an earlier moment until now, milliseconds; null where nobody knows it. Within one boot of the machine
 * it is the difference of the times since the boot, whatever became of the wall clock. Over a boot the wall clock
 * of now must be known to be right: one without a battery may begin anywhere. That of the earlier moment must
 * have been set; if it was behind all the same, as one without a battery is, the time comes out too long.
 */
export function elapsedMs(before: Moment, now: Now): number | null {
  if (isSameBoot(before, now)) {
    return Math.max(0, now.bootMs - before.bootMs);
  }
  const ms = now.epochMs - before.epochMs;
  const isKnown = now.isRight && before.epochMs >= clockIsSetMs && ms >= -slackMs;
  return isKnown ? Math.max(0, ms) : null;
}

/**
 * Time from the last sample of a state to the first one after it, milliseconds; null where nobody knows it, and
 * where the state does not tell when its last sample was acquired.
 *
 * @param now when the first one is there
 * @param firstSampleMs when it was acquired, by the wall clock of now
 */
export function gapAfterMs(
  { savedAt, lastSampleMs }: SavedState,
  now: Now,
  firstSampleMs: number,
): number | null {
  if (lastSampleMs === unknownSampleMs || elapsedMs(savedAt, now) === null) {
    return null;
  }
  // Within one boot the wall clock may have been set since; over a boot it is taken as it was.
  const stepMs = isSameBoot(savedAt, now)
    ? clockStep(savedAt.epochMs - savedAt.bootMs, now.epochMs - now.bootMs)
    : 0;
  return Math.max(0, firstSampleMs - stepMs - lastSampleMs);
}

/** Returns whether the machine was not booted between two moments; false where nobody knows. */
export function isSameBoot(before: Moment, after: Moment): boolean {
  return before.bootId !== null && before.bootId === after.bootId;
}
