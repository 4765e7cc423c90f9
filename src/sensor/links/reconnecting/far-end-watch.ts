import { longestTimerMs } from '../../../base/longest-timer.js';
import type { CloseReason } from '../link.js';
import type { FarEnd } from './far-end.js';

export interface FarEndWatchOptions {
  /** A far end that has not brought a row yet is given up so long after its opening or its last byte. */
  readonly firstRowMs: number;
  /** A far end that has brought rows is given up so long after its last byte. */
  readonly silenceMs: number;
  /** Takes the next bytes; returns true when a row ended in them. */
  onBytes(chunk: Uint8Array, arrivalMs: number): boolean;
}

/**
 * Reads an open far end until there is a reason to close it. It does not rely on
 * the reader to notice that the far end is gone: after a silence it asks.
 */
export class FarEndWatch {
  readonly ended: Promise<CloseReason>;
  /** True when a row has come: bytes alone may be the banner of a board that never gets further. */
  alive = false;

  readonly #options: FarEndWatchOptions;
  readonly #farEnd: FarEnd;
  #resolve: (reason: CloseReason) => void = () => undefined;
  #watchdog: NodeJS.Timeout;
  /** When it was opened or brought its last byte. */
  #lastMs = performance.now();
  /** When it was last looked whether it is silent. */
  #lookedMs = this.#lastMs;
  #done = false;

  constructor(farEnd: FarEnd, options: FarEndWatchOptions) {
    this.#options = options;
    this.#farEnd = farEnd;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#watchdog = this.#listen();
    const hungUp = (): void => this.end('hungUp');
    farEnd.read((chunk, arrivalMs) => this.#take(chunk, arrivalMs)).then(hungUp, hungUp);
  }

  /** Ends the watch: no byte is passed on after that, and later reasons are ignored. */
  end(reason: CloseReason): void {
    this.#done = true;
    clearTimeout(this.#watchdog);
    this.#resolve(reason);
  }

  #take(chunk: Uint8Array, arrivalMs: number): void {
    if (this.#done) {
      return;
    }
    this.#lastMs = arrivalMs;
    const hasRow = this.#options.onBytes(chunk, arrivalMs);
    if (hasRow && !this.alive) {
      this.alive = true;
      clearTimeout(this.#watchdog);
      if (!this.#done) {
        this.#watchdog = this.#listen();
      }
    }
  }

  get #limitMs(): number {
    return this.alive ? this.#options.silenceMs : this.#options.firstRowMs;
  }

  /** Looks at the far end when it has been silent for long enough, and from then on as often. */
  #listen(): NodeJS.Timeout {
    const { silenceMs } = this.#options;
    const isSilent = this.#lookedMs - this.#lastMs >= silenceMs;
    const dueMs = Math.min(
      this.#lastMs + this.#limitMs,
      (isSilent ? this.#lookedMs : this.#lastMs) + silenceMs,
    );
    const delayMs = Math.min(longestTimerMs, Math.max(1, dueMs - performance.now()));
    return this.#afterPoll(delayMs, () => {
      this.#lookedMs = performance.now();
      const silentMs = this.#lookedMs - this.#lastMs;
      if (silentMs >= Math.min(silenceMs, this.#limitMs) && this.#farEnd.hungUp()) {
        this.end('hungUp');
      } else if (silentMs >= this.#limitMs) {
        this.end('silent');
      } else {
        this.#watchdog = this.#listen();
      }
    });
  }

  /**
   * A timer that decides only after the event loop has polled: when this process
   * was stalled, bytes wait to be read and there was no silence.
   */
  #afterPoll(delayMs: number, decide: () => void): NodeJS.Timeout {
    return setTimeout(() => {
      setImmediate(() => {
        if (!this.#done) {
          decide();
        }
      });
    }, delayMs);
  }
}
