/** A window is so long, or so many nominal periods if that is longer. */
const leastWindowMs = 5000;
const leastPeriods = 20;
/** A rate that differs by more is another rate; crystals and timers of sensors are off by a few per cent. */
const mostDifference = 0.1;

/** Holds what two windows in succession say of the rate. */
export type RateVerdict = 'asConfigured' | 'other';

/**
 * Measures how many rows a second arrive, lost ones included, in windows of 5 s or 20 nominal periods. A window may
 * hold a pause or a burst; what two in succession agree on is the sensor's rate.
 */
export class RateMeter {
  /** Rows a second in the last whole window; undefined before the first, and after a reset. */
  measuredHz: number | undefined;
  /** Holds what the last two windows agree on; undefined while they do not. */
  verdict: RateVerdict | undefined;

  readonly #nominalHz: number;
  readonly #windowMs: number;
  #startMs: number | undefined;
  #rows = 0;

  constructor(nominalHz: number) {
    this.#nominalHz = nominalHz;
    this.#windowMs = Math.max(leastWindowMs, (1000 * leastPeriods) / nominalHz);
  }

  /** Forgets everything: the link was opened anew. */
  reset(): void {
    this.#startMs = undefined;
    this.measuredHz = undefined;
    this.verdict = undefined;
  }

  /**
   * Counts the rows of a read.
   *
   * @param arrivalMs monotonic
   * @returns true when a window ended with them
   */
  add(rows: number, arrivalMs: number): boolean {
    if (this.#startMs === undefined) {
      // The rows of the first read came before the window began.
      this.#startMs = arrivalMs;
      this.#rows = 0;
      return false;
    }
    this.#rows += rows;
    const lengthMs = arrivalMs - this.#startMs;
    if (lengthMs < this.#windowMs) {
      return false;
    }
    const beforeHz = this.measuredHz;
    this.measuredHz = (1000 * this.#rows) / lengthMs;
    this.#startMs = arrivalMs;
    this.#rows = 0;
    this.verdict = this.#judge(beforeHz, this.measuredHz);
    return true;
  }

  #judge(beforeHz: number | undefined, measuredHz: number): RateVerdict | undefined {
    if (isClose(measuredHz, this.#nominalHz)) {
      return 'asConfigured';
    }
    return beforeHz !== undefined && isClose(measuredHz, beforeHz) ? 'other' : undefined;
  }
}

function isClose(hz: number, toHz: number): boolean {
  return Math.abs(hz - toHz) <= mostDifference * toHz;
}
