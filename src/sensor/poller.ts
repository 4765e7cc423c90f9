import type { Polling } from './decoders/decoder.js';

/**
 * Asks a sensor that speaks only when it is asked, once each period, or as often as it answers. The next request goes out
 * when the one before it is answered or given up, and the line has been silent for the turnaround time. Where nothing at
 * all came of a request, its answer may still be on its way: it gets as much time again, so that it is not taken for that
 * of the next one.
 */
export class Poller {
  readonly #polling: Polling;
  readonly #periodMs: number;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #giveUp: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  /** When the next request is due, when the last one was made, and when bytes came last. */
  #dueMs = 0;
  #askedMs = 0;
  #heardMs = -Infinity;
  /** Until then a late answer is waited for. */
  #lateUntilMs = -Infinity;

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
    this.#isRunning = true;
    this.#dueMs = performance.now();
    this.#heardMs = -Infinity;
    this.#lateUntilMs = -Infinity;
    this.#ask();
  }

  /** Stops; may be called again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isRunning = false;
  }

  /** Takes that bytes came, once the decoder has read them. */
  heard(arrivalMs: number): void {
    this.#heardMs = arrivalMs;
    this.#lateUntilMs = -Infinity;
    if (this.#isRunning) {
      this.#wait();
    }
  }

  #ask(): void {
    const nowMs = performance.now();
    if (this.#polling.isWaiting && nowMs >= this.#askedMs + this.#polling.timeoutMs) {
      this.#giveUp();
      if (this.#heardMs < this.#askedMs) {
        this.#lateUntilMs = nowMs + this.#polling.timeoutMs;
      }
    }
    if (!this.#polling.isWaiting && nowMs >= this.#nextMs()) {
      this.#askedMs = nowMs;
      this.#write(this.#polling.request());
      // A period that was missed is not made up for.
      this.#dueMs = Math.max(this.#dueMs + this.#periodMs, nowMs);
    }
    if (this.#isRunning) {
      this.#wait();
    }
  }

  /** When there is something to do: an answer to be given up, or a request to be made. */
  #nextMs(): number {
    return this.#polling.isWaiting
      ? this.#askedMs + this.#polling.timeoutMs
      : Math.max(this.#dueMs, this.#lateUntilMs, this.#heardMs + this.#polling.turnaroundMs);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), Math.max(1, this.#nextMs() - performance.now()));
  }
}
