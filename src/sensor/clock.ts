import type { ReadBatch } from './read-batch.js';

/** The clocks of the system; tests pass their own. */
export interface TimeSource {
  /** Milliseconds that never go back and that nobody sets. */
  monotonicMs(): number;
  /** Milliseconds since 1970 by the system's clock, which may be set at any time. */
  epochMs(): number;
}

const systemTime: TimeSource = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
};

/** Least distance of two samples: more than float64 resolves in epoch milliseconds (0.00024). */
const leastSpacingMs = 0.001;
/** A system clock that is off by more has been set; less is drift, which is followed slowly. */
const jumpMs = 1000;
/** Drift is followed by at most this share of the time that has passed. */
const slewRate = 0.001;
/** A USB adapter holds bytes back for 16 ms: a sample that is no later than this is not late. */
const bunchingMs = 20;

/**
 * Gives samples their acquisition times, from the arrival of the bytes. The
 * samples of one read lie one nominal period apart, the last at the arrival,
 * and closer where the first would else come before the sample of the read
 * before. Distances are monotonic time; epoch times follow the system's clock
 * slowly, and jump with it only when it is set.
 */
export class SampleClock {
  /** Nominal time from one sample to the next. */
  readonly periodMs: number;
  /** Two samples that are further apart have a gap between them. */
  readonly lateMs: number;
  /** How often the system's clock was found to have been set; epoch times may go back there. */
  jumps = 0;

  readonly #time: TimeSource;
  /** Epoch time less monotonic time; undefined before the first read. */
  #offsetMs: number | undefined;
  /** When the offset was last brought up to date, monotonic. */
  #offsetAtMs = 0;
  /** Time of the last sample, monotonic and epoch. */
  #lastMs = -Infinity;
  #lastEpochMs = -Infinity;

  constructor(rateHz: number, time: TimeSource = systemTime) {
    this.periodMs = 1000 / rateHz;
    this.lateMs = Math.max(3 * this.periodMs, bunchingMs);
    this.#time = time;
  }

  /** Tells that the link was opened now: no later sample was acquired before. */
  opened(): void {
    this.#lastMs = Math.max(this.#lastMs, this.#time.monotonicMs());
  }

  /**
   * Gives the rows of a read, of which there is at least one, their monotonic times.
   *
   * @param arrivalMs when its bytes arrived, monotonic
   */
  timeRead(batch: ReadBatch, arrivalMs: number): void {
    const count = batch.arrived;
    const lastMs = Math.max(arrivalMs, this.#lastMs + count * leastSpacingMs);
    const spacingMs = Math.min(this.periodMs, (lastMs - this.#lastMs) / count);
    const firstMs = lastMs - (count - 1) * spacingMs;
    for (let row = 0; row < batch.count; row += 1) {
      batch.monotonicMs[row] = firstMs + batch.indexOf(row) * spacingMs;
    }
    this.#lastMs = lastMs;
    this.#followSystemClock(arrivalMs);
  }

  /** Epoch time of a moment of the monotonic clock; moments are asked for in their order. */
  epochMs(monotonicMs: number): number {
    const epochMs = Math.max(
      monotonicMs + (this.#offsetMs ?? 0),
      this.#lastEpochMs + leastSpacingMs,
    );
    this.#lastEpochMs = epochMs;
    return epochMs;
  }

  #followSystemClock(arrivalMs: number): void {
    const targetMs = this.#time.epochMs() - this.#time.monotonicMs();
    const driftMs = targetMs - (this.#offsetMs ?? targetMs);
    if (this.#offsetMs === undefined || Math.abs(driftMs) > jumpMs) {
      if (this.#offsetMs !== undefined) {
        this.jumps += 1;
      }
      this.#offsetMs = targetMs;
      this.#lastEpochMs = -Infinity;
    } else {
      const mostMs = slewRate * Math.max(0, arrivalMs - this.#offsetAtMs);
      this.#offsetMs += Math.min(Math.max(driftMs, -mostMs), mostMs);
    }
    this.#offsetAtMs = arrivalMs;
  }
}
