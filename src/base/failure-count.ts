/** How often a failure that goes on is told of. */
const reportEveryMs = 60_000;

/** Counts the failures of something that is tried again and again, and says which to tell of. */
export class FailureCount {
  #total = 0;
  #sinceSuccess = 0;
  #reportedMs = -Infinity;

  readonly #monotonicMs: () => number;

  /** @param monotonicMs time that never jumps, milliseconds */
  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get total(): number {
    return this.#total;
  }

  get sinceSuccess(): number {
    return this.#sinceSuccess;
  }

  /** Whether to tell of this failure: of the first, and of one a minute while it goes on. */
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

  /** How many failures are over with this success. */
  succeeded(): number {
    const over = this.#sinceSuccess;
    if (over > 0) {
      this.#reportedMs = -Infinity;
    }
    this.#sinceSuccess = 0;
    return over;
  }
}
