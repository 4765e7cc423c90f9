/** The time between two reports of a failure that goes on. */
const reportEveryMs = 60_000;

/** Counts the failures of an act that is tried again and again, and says which of them to log. */
export class FailureCount {
  #total = 0;
  #sinceSuccess = 0;
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
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#reportedMs < reportEveryMs) {
      return false;
    }
    this.#reportedMs = nowMs;
    return true;
  }

  /** Ends a run of failures, and returns how many it had. */
  succeeded(): number {
    const over = this.#sinceSuccess;
    if (over > 0) {
      this.#reportedMs = -Infinity;
    }
    this.#sinceSuccess = 0;
    return over;
  }
}
