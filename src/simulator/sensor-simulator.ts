import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import { csvRow } from './encoders/csv.js';
import type { SampleSource } from './sample-source.js';

/** Where a simulated sensor sends its rows; a `PtyPort`, or anything else. */
export interface RowPort {
  /** False when the row waits. */
  write(chunk: Uint8Array): boolean;
  /** Resolves when none waits any more, or the signal aborts. */
  drained(signal: AbortSignal): Promise<void>;
}

export interface SensorSimulatorOptions {
  readonly source: SampleSource;
  readonly port: RowPort;
  readonly rateHz: number;
  /** Times real time; Infinity is as fast as the port takes the rows. Default 1. */
  readonly speed?: number | undefined;
  /** A row as the sensor writes it; default CSV. */
  readonly format?: ((row: Float32Array) => Uint8Array) | undefined;
}

/** Rows in one turn of the event loop at most, when nothing else holds them back. */
const rowsPerTurn = 256;

/** Sends the rows of a source at a rate that does not drift. */
export class SensorSimulator {
  readonly #source: SampleSource;
  readonly #port: RowPort;
  readonly #rowsPerMs: number;
  readonly #format: (row: Float32Array) => Uint8Array;
  readonly #row: Float32Array;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #sent = 0;

  constructor({ source, port, rateHz, speed = 1, format = csvRow }: SensorSimulatorOptions) {
    this.#source = source;
    this.#port = port;
    this.#rowsPerMs = (rateHz * speed) / 1000;
    this.#format = format;
    this.#row = new Float32Array(source.axes);
  }

  /** Rows given to the port so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Of the row last sent. */
  get label(): string | null {
    return this.#source.label;
  }

  /** Resolves when the source has no more rows or this was stopped; rejects when the port fails. */
  get ended(): Promise<void> {
    return this.#running;
  }

  start(): void {
    this.#running = this.#rowsPerMs === Infinity ? this.#flood() : this.#pace();
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#running;
  }

  async #pace(): Promise<void> {
    const { signal } = this.#stopping;
    const startMs = performance.now();
    while (!signal.aborted) {
      // From the start, not from the last row: timers that fire late make no drift.
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
      for (let turn = 0; turn < rowsPerTurn && !signal.aborted; turn += 1) {
        const state = this.#send();
        if (state === 'ended') {
          return;
        }
        if (state === 'waits') {
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
    return this.#port.write(this.#format(this.#row)) ? 'sent' : 'waits';
  }
}
