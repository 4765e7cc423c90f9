/** The clocks of the system; tests pass their own. */
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
export const leastSpacingMs = 0.001;
/** A system clock that is off by more has been set; less is drift, which is followed slowly. */
const jumpMs = 1000;
/** Drift is followed by at most this share of the time that has passed. */
const slewRate = 0.001;

/**
 * Epoch times of moments of the monotonic clock. They follow the system's clock slowly, and jump with it only when it
 * is set; else their distances are those of the moments.
 */
export class EpochClock {
  /** How often the system's clock was found to have been set; epoch times may go back there. */
  jumps = 0;

  readonly #time: TimeSource;
  /** Epoch time less monotonic time; undefined before the first look. */
  #offsetMs: number | undefined;
  /** When the offset was last brought up to date, monotonic. */
  #offsetAtMs = 0;
  #lastMs = -Infinity;

  constructor(time: TimeSource) {
    this.#time = time;
  }

  /** Writes the epoch times of the first `count` moments to `out`; moments come in their order, and their times always go on. */
  epochAll(monotonicMs: Float64Array, count: number, out: Float64Array): void {
    const offsetMs = this.#offsetMs ?? 0;
    let lastMs = this.#lastMs;
    for (let n = 0; n < count; n += 1) {
      lastMs = Math.max((monotonicMs[n] ?? 0) + offsetMs, lastMs + leastSpacingMs);
      out[n] = lastMs;
    }
    this.#lastMs = lastMs;
  }

  /** Looks at the system's clock. */
  follow(nowMs: number): void {
    const targetMs = this.#time.epochMs() - this.#time.monotonicMs();
    const driftMs = targetMs - (this.#offsetMs ?? targetMs);
    if (this.#offsetMs === undefined || Math.abs(driftMs) > jumpMs) {
      if (this.#offsetMs !== undefined) {
        this.jumps += 1;
      }
      this.#offsetMs = targetMs;
      this.#lastMs = -Infinity;
    } else {
      const mostMs = slewRate * Math.max(0, nowMs - this.#offsetAtMs);
      this.#offsetMs += Math.min(Math.max(driftMs, -mostMs), mostMs);
    }
    this.#offsetAtMs = nowMs;
  }
}
