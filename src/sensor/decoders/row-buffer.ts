import type { DeviceColumns, RowSink } from './decoder.js';

const capacity = 256;

/** Collects the rows that a decoder reads from one chunk, so that its sink is called for many. */
export class RowBuffer {
  /** The next row is written from `offset` on, one reading for each axis. */
  readonly values: Float32Array;
  offset = 0;
  /** The sensor's time of the next row, and its count; NaN where a format has none. */
  deviceTimeMs = Number.NaN;
  deviceCounter = Number.NaN;
  readonly #axes: number;
  /** The device's times and counts of the rows that are kept; those of the next row stand at `count`. */
  readonly device: DeviceColumns = {
    timeMs: new Float64Array(capacity).fill(Number.NaN),
    counter: new Float64Array(capacity).fill(Number.NaN),
  };
  #count = 0;
  #sink: RowSink | undefined;

  constructor(axes: number) {
    this.#axes = axes;
    this.values = new Float32Array(capacity * axes);
  }

  /** Begins a chunk, whose rows go to this sink. */
  begin(sink: RowSink): void {
    this.#sink = sink;
  }

  /** Rows that are kept. */
  get count(): number {
    return this.#count;
  }

  /** Rows that can be written from `offset` on and be kept by one call, 1 or more. */
  get room(): number {
    return capacity - this.#count;
  }

  /** Keeps so many rows that were written from `offset` on, and from `count` on to `device`; at most `room`. */
  addAll(rows: number): void {
    this.#count += rows;
    this.offset += rows * this.#axes;
    if (this.#count === capacity) {
      this.#flush();
    }
  }

  /** Keeps the row that was written at `offset`, with the device's time and count. */
  add(): void {
    this.device.timeMs[this.#count] = this.deviceTimeMs;
    this.device.counter[this.#count] = this.deviceCounter;
    this.#count += 1;
    this.offset += this.#axes;
    if (this.#count === capacity) {
      this.#flush();
    }
  }

  /** Tells the sink that a row was lost here, after those that came before it. */
  lose(): void {
    this.#flush();
    this.#sink?.lost(1);
  }

  /** Ends the chunk: the sink has all of its rows. */
  end(): void {
    this.#flush();
    this.#sink = undefined;
  }

  #flush(): void {
    const count = this.#count;
    this.#count = 0;
    this.offset = 0;
    if (count > 0) {
      this.#sink?.rows(this.values, count, this.device);
    }
  }
}
