/** Boards without a battery begin in 1970 until they reach a time server. */
const clockIsSetMs = Date.UTC(2020);

/**
 * Tells when a record was made by either clock: in memory by the monotonic one of this process, on disk by
 * the machine's, for records keep their age over a restart.
 */
export class RecordClock {
  readonly #monotonicMs: () => number;
  /** Wall time when the monotonic clock was at 0. */
  readonly #epochMs: number;

  /**
   * @param monotonicMs time that never jumps, milliseconds
   * @param now wall time, epoch milliseconds
   */
  constructor(monotonicMs: () => number, now: () => number) {
    this.#monotonicMs = monotonicMs;
    this.#epochMs = now() - monotonicMs();
  }

  /** Epoch milliseconds of a moment of this process. */
  wallMs(madeMs: number): number {
    return Math.max(0, this.#epochMs + madeMs);
  }

  /**
   * Monotonic milliseconds of a moment of the wall clock. A clock that was not set, or was set back
   * since, would make a record ancient or not yet made: it counts as new then.
   */
  madeMs(wallMs: number): number {
    const nowMs = this.#monotonicMs();
    return wallMs < clockIsSetMs ? nowMs : Math.min(nowMs, wallMs - this.#epochMs);
  }
}
