import type { Answering } from './encoders/encoder.js';
import type { RowPort } from './sensor-simulator.js';

/** How often the port is looked at for requests. */
const listenMs = 1;

/** The line between a simulated sensor and a reader that asks it. */
export interface AskedPort extends RowPort {
  /** The bytes that the reader has sent since the last call; empty where there are none. */
  heard(): Uint8Array;
}

/** Sends no row by itself: the latest one answers each request. */
export class AnsweringPort implements RowPort {
  readonly #port: AskedPort;
  readonly #answering: Answering;
  #row: Uint8Array | undefined;
  #onAnswered: (() => void) | undefined;
  readonly #listening: NodeJS.Timeout;

  constructor(port: AskedPort, answering: Answering) {
    this.#port = port;
    this.#answering = answering;
    this.#listening = setInterval(() => this.listen(), listenMs);
  }

  /** Takes the row that is to be answered from now on; false, for it waits to be asked for. */
  write(row: Uint8Array): boolean {
    this.#row = Uint8Array.from(row);
    return false;
  }

  /** Resolves when the latest row was asked for. */
  drained(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswered = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Answers the requests that have come; those before the first row wait for it. */
  listen(): void {
    if (this.#row === undefined) {
      return;
    }
    const heard = this.#port.heard();
    if (heard.length === 0) {
      return;
    }
    for (const answer of this.#answering.answers(heard, this.#row)) {
      this.#port.write(answer);
      this.#onAnswered?.();
      this.#onAnswered = undefined;
    }
  }

  /** Answers no more. */
  close(): void {
    clearInterval(this.#listening);
  }
}
