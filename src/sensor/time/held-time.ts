import type { TimeSource } from './epoch-clock.js';

/**
 * Both clocks as they stood when what is being passed on arrived. A recording holds these readings, so that a
 * sample clock that reads them gives the same times when it is replayed, bit for bit.
 */
export class HeldTime implements TimeSource {
  #monotonicMs = 0;
  #epochMs = 0;

  /** Sets the monotonic clock, and the system's where it was read too. */
  hold(monotonicMs: number, epochMs: number = this.#epochMs): void {
    this.#monotonicMs = monotonicMs;
    this.#epochMs = epochMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  epochMs(): number {
    return this.#epochMs;
  }
}
