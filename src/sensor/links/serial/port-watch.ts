import type { CloseReason } from '../link.js';
import type { OpenPort } from './serial-port.js';

/** Longer than a line takes at 9600 baud (20 ms), and than an FTDI adapter holds bytes back (16 ms). */
const quietMs = 30;

export interface PortWatchOptions {
  /** A port that brought no byte at all is given up after so long. */
  readonly firstByteMs: number;
  /** A port that brought bytes is given up so long after the last. */
  readonly silenceMs: number;
  hungUp(fd: number): boolean;
  onBytes(chunk: Uint8Array, arrivalMs: number): void;
  /** Called once, when no byte came in the first moment. */
  onQuiet(): void;
}

/**
 * Reads an open port until there is a reason to close it. It does not rely on
 * the reader to notice that the far end is gone: after a silence it asks.
 */
export class PortWatch {
  readonly ended: Promise<CloseReason>;
  /** Whether any byte has come. */
  heard = false;

  readonly #options: PortWatchOptions;
  readonly #fd: number;
  #resolve: (reason: CloseReason) => void = () => undefined;
  readonly #quietTimer: NodeJS.Timeout;
  #watchdog: NodeJS.Timeout;
  #limitMs: number;
  #lastMs = performance.now();
  #done = false;

  constructor(port: OpenPort, options: PortWatchOptions) {
    this.#options = options;
    this.#fd = port.fd;
    this.#limitMs = options.firstByteMs;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#quietTimer = this.#afterPoll(quietMs, () => {
      if (!this.heard) {
        options.onQuiet();
      }
    });
    this.#watchdog = this.#listen();
    const hungUp = (): void => this.end('hungUp');
    port.read((chunk, arrivalMs) => this.#take(chunk, arrivalMs)).then(hungUp, hungUp);
  }

  /** Ends the watch: no byte is passed on after that, and later reasons are ignored. */
  end(reason: CloseReason): void {
    this.#done = true;
    clearTimeout(this.#quietTimer);
    clearTimeout(this.#watchdog);
    this.#resolve(reason);
  }

  #take(chunk: Uint8Array, arrivalMs: number): void {
    if (this.#done) {
      return;
    }
    this.#lastMs = arrivalMs;
    if (!this.heard) {
      this.heard = true;
      this.#limitMs = this.#options.silenceMs;
      clearTimeout(this.#watchdog);
      this.#watchdog = this.#listen();
    }
    this.#options.onBytes(chunk, arrivalMs);
  }

  #listen(): NodeJS.Timeout {
    const leftMs = this.#limitMs - (performance.now() - this.#lastMs);
    return this.#afterPoll(Math.max(1, leftMs), () => {
      if (performance.now() - this.#lastMs < this.#limitMs) {
        this.#watchdog = this.#listen();
      } else {
        this.end(this.#options.hungUp(this.#fd) ? 'hungUp' : 'silent');
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
