import type { Polling } from './decoders/decoder.js';

/**
 * Asks a sensor that speaks only when it is asked, once each period, or as often as it answers. The next request goes out
 * when the one before it is answered or given up.
 */
export class Poller {
  readonly #polling: Polling;
  readonly #periodMs: number;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #giveUp: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  /** When the next request is due, and when the last one was made. */
  #dueMs = 0;
  #askedMs = 0;

  /** @param giveUp gives up the answer that is waited for, and passes on what was lost with it */
  constructor(
    polling: Polling,
    periodMs: number,
    write: (bytes: Uint8Array) => void,
    giveUp: () => void,
  ) {
    this.#polling = polling;
    this.#periodMs = periodMs;
    this.#write = write;
    this.#giveUp = giveUp;
  }

  /** Begins; the link is open. */
  start(): void {
    clearTimeout(this.#timer);
    this.#isRunning = true;
    this.#dueMs = performance.now();
    this.#ask();
  }

  /** Stops; may be called again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isRunning = false;
  }

  #ask(): void {
    const nowMs = performance.now();
    if (this.#polling.isWaiting && nowMs - this.#askedMs >= this.#polling.timeoutMs) {
      this.#giveUp();
    }
    if (!this.#polling.isWaiting && nowMs >= this.#dueMs) {
      this.#askedMs = nowMs;
      this.#write(this.#polling.request());
      // A period that was missed is not made up for.
      this.#dueMs = Math.max(this.#dueMs + this.#periodMs, nowMs);
    }
    const nextMs = this.#polling.isWaiting
      ? Math.min(Math.max(this.#dueMs, nowMs + 1), this.#askedMs + this.#polling.timeoutMs)
      : this.#dueMs;
    if (this.#isRunning) {
      this.#timer = setTimeout(() => this.#ask(), Math.max(1, nextMs - nowMs));
    }
  }
}
