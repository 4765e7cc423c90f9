import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import type { Encoder } from './encoders/encoder.js';
import { csvLine } from './encoders/csv.js';
import type { SampleSource } from './sample-source.js';

/** Takes the rows of a simulated sensor: a `PtyPort`, a file or a test. */
export interface RowPort {
  /** Takes the bytes of one row; false when they have to wait. */
  write(chunk: Uint8Array): boolean;
  /** Resolves when no row waits any more, or the signal aborts. */
  drained(signal: AbortSignal): Promise<void>;
}

export interface SensorSimulatorOptions {
  readonly source: SampleSource;
  readonly port: RowPort;
  readonly rateHz: number;
  /** Multiple of real time; Infinity is as fast as the port takes the rows. Default 1. */
  readonly speed?: number | undefined;
  /** The format that the sensor speaks; default CSV. */
  readonly encoder?: Encoder | undefined;
}

/** At full speed the event loop gets a turn after so many rows. */
const rowsPerTurn = 256;

/** Sends the rows of a source at a rate that does not drift. */
export class SensorSimulator {
  readonly #source: SampleSource;
  readonly #port: RowPort;
  readonly #rowsPerMs: number;
  readonly #encoder: Encoder;
  readonly #row: Float32Array;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #sent = 0;

  constructor(options: SensorSimulatorOptions) {
    const { source, port, rateHz, speed = 1, encoder = csvLine } = options;
    this.#source = source;
    this.#port = port;
    this.#rowsPerMs = (rateHz * speed) / 1000;
    this.#encoder = encoder;
    this.#row = new Float32Array(source.axes);
  }

  /** Rows given to the port so far. */
  get sent(): number {
    return this.#sent;
  }

  /** The activity in the row last sent; null where it is not known. */
  get label(): string | null {
    return this.#source.label;
  }

  /** Resolves when the source has no more rows or this was stopped; rejects when the port fails. */
  get ended(): Promise<void> {
    return this.#running;
  }

  /** Begins to send; called once. */
  start(): void {
    this.#running = this.#rowsPerMs === Infinity ? this.#flood() : this.#pace();
  }

  /** Sends no more rows; may be called again. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#running;
  }

  async #pace(): Promise<void> {
    const { signal } = this.#stopping;
    const startMs = performance.now();
    while (!signal.aborted) {
      // Counted from the start, not from the last row, so that late timers make no drift.
      const due = 1 + Math.floor((performance.now() - startMs) * this.#rowsPerMs);
      while (this.#sent < due) {
        if (this.#send() === 'ended') {
          return;
        }
      }
      const nextMs = startMs + this.#sent / this.#rowsPerMs - performance.now();
      await sleep(Math.max(1, nextMs), undefined, { signal }).catch(() => undefined);
    }
  }

  async #flood(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (let row = 0; row < rowsPerTurn && !signal.aborted; row += 1) {
        const result = this.#send();
        if (result === 'ended') {
          return;
        }
        if (result === 'waits') {
          await this.#port.drained(signal);
        }
      }
      await yieldToLoop();
    }
  }

  #send(): 'sent' | 'waits' | 'ended' {
    if (!this.#source.next(this.#row)) {
      return 'ended';
    }
    this.#sent += 1;
    return this.#port.write(this.#encoder(this.#row)) ? 'sent' : 'waits';
  }
}
