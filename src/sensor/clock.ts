/** Where the time comes from; tests pass their own. */
export interface TimeSource {
  /** Milliseconds that never go back and that nobody sets. */
  monotonicMs(): number;
  /** Milliseconds since 1970 by the system's clock, which may be set at any time. */
  epochMs(): number;
}

export const systemTime: TimeSource = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
};

/** Least distance of two samples: more than float64 resolves in epoch milliseconds (0.00024). */
const leastSpacingMs = 0.001;
/** A system clock that is off by more has been set; less is drift, followed without a step. */
const stepMs = 1000;
/** How fast drift is followed: at most this part of the time that has passed. */
const slewRate = 0.001;
/** A USB adapter holds bytes back for 16 ms: so much lateness says nothing. */
const bunchingMs = 20;

/**
 * Acquisition times of samples from the arrival of the bytes. What one read
 * brought is spaced back from its arrival by the nominal period, and never
 * reaches back to the sample before it. Distances are monotonic time; epoch
 * times follow the system's clock slowly, and step with it only when it is set.
 */
export class SampleClock {
  /** Silence of more than this is a gap. */
  readonly lateMs: number;
  /** How often the system's clock was found to have been set; times may go back there. */
  steps = 0;

  readonly #periodMs: number;
  readonly #time: TimeSource;
  #offsetMs: number | undefined;
  #anchoredMs = 0;
  #lastMs = -Infinity;
  #lastEpochMs = -Infinity;
  #firstMs = 0;
  #spacingMs = 0;

  constructor(rateHz: number, time: TimeSource = systemTime) {
    this.#periodMs = 1000 / rateHz;
    this.lateMs = Math.max(3 * this.#periodMs, bunchingMs);
    this.#time = time;
  }

  /** The link was opened at `nowMs`: what comes now was not acquired before. */
  opened(nowMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, nowMs);
  }

  /** Places `count` samples, arrived and lost ones together, that one read brought at `arrivalMs`. */
  place(arrivalMs: number, count: number): void {
    const lastMs = Math.max(arrivalMs, this.#lastMs + count * leastSpacingMs);
    this.#spacingMs = Math.min(this.#periodMs, (lastMs - this.#lastMs) / count);
    this.#firstMs = lastMs - (count - 1) * this.#spacingMs;
    this.#lastMs = lastMs;
    this.#anchor(arrivalMs);
  }

  /** Monotonic time of one of the samples last placed, counted from 0. */
  monotonicMs(index: number): number {
    return this.#firstMs + index * this.#spacingMs;
  }

  /** Epoch time of one of the samples last placed; asked for in their order. */
  epochMs(index: number): number {
    const epochMs = Math.max(
      this.monotonicMs(index) + (this.#offsetMs ?? 0),
      this.#lastEpochMs + leastSpacingMs,
    );
    this.#lastEpochMs = epochMs;
    return epochMs;
  }

  #anchor(arrivalMs: number): void {
    const targetMs = this.#time.epochMs() - this.#time.monotonicMs();
    const driftMs = targetMs - (this.#offsetMs ?? targetMs);
    if (this.#offsetMs === undefined || Math.abs(driftMs) > stepMs) {
      if (this.#offsetMs !== undefined) {
        this.steps += 1;
      }
      this.#offsetMs = targetMs;
      this.#lastEpochMs = -Infinity;
    } else {
      const mostMs = slewRate * Math.max(0, arrivalMs - this.#anchoredMs);
      this.#offsetMs += Math.min(Math.max(driftMs, -mostMs), mostMs);
    }
    this.#anchoredMs = arrivalMs;
  }
}
