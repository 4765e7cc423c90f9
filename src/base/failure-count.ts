/** The time between two reports of a failure that goes on, or comes and goes. */
const reportEveryMs = 60_000;

/**
 * Counts the failures of an act that is tried again and again, and says which of them to log: the first at once, and
 * then one a minute at most, also where failures and successes take turns.
 */
export class FailureCount {
  #total = 0;
  #sinceSuccess = 0;
  /** Failures since the last success that was to be logged. */
  #sinceReportedSuccess = 0;
  /** True when the last failure that was logged has not been followed by a success that was. */
  #isReported = false;
  #reportedMs = -Infinity;

  readonly #monotonicMs: () => number;

  /** @param monotonicMs gives a time that never jumps, milliseconds */
  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get total(): number {
    return this.#total;
  }

  get sinceSuccess(): number {
    return this.#sinceSuccess;
  }

  /** Counts a failure; true where it is to be logged: the first, and one a minute while they go on. */
  failed(): boolean {
    this.#total += 1;
    this.#sinceSuccess += 1;
    this.#sinceReportedSuccess += 1;
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#reportedMs < reportEveryMs) {
      return false;
    }
    this.#reportedMs = nowMs;
    this.#isReported = true;
    return true;
  }

  /**
   * Ends a run of failures.
   *
   * @returns how many failures are over, where that is to be logged because the run of them was; else 0
   */
  succeeded(): number {
    this.#sinceSuccess = 0;
    if (!this.#isReported) {
      return 0;
    }
    const over = this.#sinceReportedSuccess;
    this.#isReported = false;
    this.#sinceReportedSuccess = 0;
    return over;
  }
}
