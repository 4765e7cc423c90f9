import { longestTimerMs } from '../base/longest-timer.js';
import { UnreadBytes } from './unread-bytes.js';

/** Tells of bytes that came for a while and of which none became a sample. */
export class UnreadWatch {
  readonly #afterMs: number;
  readonly #tell: (last: Uint8Array, count: number) => void;
  readonly #bytes = new UnreadBytes();
  /** When the first of the unread bytes came. */
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param afterMs time from the first of the bytes to the telling of them, again and again while they come
   * @param tell called with the last bytes, at most 256, and how many came in all
   */
  constructor(afterMs: number, tell: (last: Uint8Array, count: number) => void) {
    this.#afterMs = afterMs;
    this.#tell = tell;
  }

  /** Keeps the end of bytes that brought no sample. */
  add(chunk: Uint8Array, arrivalMs: number): void {
    if (this.#bytes.count === 0) {
      this.#sinceMs = arrivalMs;
    }
    this.#bytes.add(chunk);
    this.#timer ??= this.#lookLater(this.#afterMs);
  }

  /** Forgets the bytes: a sample came. */
  clear(): void {
    this.#bytes.clear();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #lookLater(delayMs: number): NodeJS.Timeout {
    return setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#bytes.count === 0) {
          return;
        }
        const leftMs = this.#afterMs - (performance.now() - this.#sinceMs);
        if (leftMs > 0) {
          this.#timer = this.#lookLater(leftMs);
        } else {
          this.#tell(this.#bytes.last, this.#bytes.count);
        }
      },
      Math.min(longestTimerMs, delayMs),
    ).unref();
  }
}
