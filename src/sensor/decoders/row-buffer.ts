import type { RowSink } from './decoder.js';

const capacity = 256;

/** Collects the rows that a decoder reads from one chunk, so that its sink is called for many. */
export class RowBuffer {
  /** The next row is written from `offset` on, one reading for each axis. */
  readonly values: Float32Array;
  offset = 0;
  readonly #axes: number;
  #sink: RowSink | undefined;

  constructor(axes: number) {
    this.#axes = axes;
    this.values = new Float32Array(capacity * axes);
  }

  /** Begins a chunk, whose rows go to this sink. */
  begin(sink: RowSink): void {
    this.#sink = sink;
  }

  /** Keeps the row that was written at `offset`. */
  add(): void {
    this.offset += this.#axes;
    if (this.offset === this.values.length) {
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
    const count = this.offset / this.#axes;
    this.offset = 0;
    if (count > 0) {
      this.#sink?.rows(this.values, count);
    }
  }
}
