/** Bounds a rate and lets bursts pass: tokens accrue at `perMs` up to `capacity`, from a full bucket on. */
export class TokenBucket {
  #tokens: number;
  #filledMs: number;

  readonly #capacity: number;
  readonly #perMs: number;
  readonly #monotonicMs: () => number;

  /** @param monotonicMs time that never jumps, milliseconds */
  constructor(capacity: number, perMs: number, monotonicMs: () => number) {
    this.#capacity = capacity;
    this.#perMs = perMs;
    this.#monotonicMs = monotonicMs;
    this.#tokens = capacity;
    this.#filledMs = monotonicMs();
  }

  /** Takes tokens away, be they there or not: where they are not, whatever follows waits the longer. */
  charge(tokens: number): void {
    this.#fill();
    this.#tokens -= tokens;
  }

  /** How long it takes until so many tokens are there, milliseconds; 0 when they are. */
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
