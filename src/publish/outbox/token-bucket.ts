/** Allows so much a time: `perMs` of it accrue, up to `capacity`, from a full bucket on. */
export class TokenBucket {
  #tokens: number;
  #filledMs: number;

  readonly #capacity: number;
  readonly #perMs: number;
  readonly #monotonicMs: () => number;

  constructor(capacity: number, perMs: number, monotonicMs: () => number) {
    this.#capacity = capacity;
    this.#perMs = perMs;
    this.#monotonicMs = monotonicMs;
    this.#tokens = capacity;
    this.#filledMs = monotonicMs();
  }

  /** Takes so many if they are there. */
  take(tokens: number): boolean {
    if (this.waitMs(tokens) > 0) {
      return false;
    }
    this.#tokens -= tokens;
    return true;
  }

  /** Takes them whether they are there or not: what follows waits the longer. */
  charge(tokens: number): void {
    this.#fill();
    this.#tokens -= tokens;
  }

  /** How long until so many will be there, milliseconds; 0 when they are. */
  waitMs(tokens: number): number {
    this.#fill();
    return Math.max(0, (tokens - this.#tokens) / this.#perMs);
  }

  #fill(): void {
    const nowMs = this.#monotonicMs();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#filledMs) * this.#perMs);
    this.#filledMs = nowMs;
  }
}
