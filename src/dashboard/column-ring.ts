import type { Columns } from './messages.js';

/** The newest columns of a stream, in arrays that are made once. */
export class ColumnRing {
  readonly #size: number;
  readonly #timeMs: Float64Array;
  readonly #low: readonly Float32Array[];
  readonly #high: readonly Float32Array[];
  readonly #outputs: readonly Float32Array[];
  /** Columns that were ever put in. */
  #count = 0;

  constructor(size: number, features: number, outputs: number) {
    this.#size = size;
    this.#timeMs = new Float64Array(size);
    const rows = (count: number) => Array.from({ length: count }, () => new Float32Array(size));
    this.#low = rows(features);
    this.#high = rows(features);
    this.#outputs = rows(outputs);
  }

  /** Columns that were put in since the start: the number of the next one. */
  get count(): number {
    return this.#count;
  }

  /** Puts a column in. NaN stands for an output that has no value. */
  put(timeMs: number, low: Float32Array, high: Float32Array, outputs: Float32Array): void {
    const at = this.#count % this.#size;
    this.#timeMs[at] = timeMs;
    copyInto(this.#low, at, low);
    copyInto(this.#high, at, high);
    copyInto(this.#outputs, at, outputs);
    this.#count += 1;
  }

  /** The columns from this number on, as far as they are still there. */
  since(count: number): Columns {
    const first = Math.max(0, this.#count - this.#size, Math.min(count, this.#count));
    const places = Array.from({ length: this.#count - first }, (_, n) => (first + n) % this.#size);
    const short = (rows: readonly Float32Array[]) =>
      rows.map((row) => places.map((at) => shortNumber(row[at] ?? 0)));
    return {
      timeMs: places.map((at) => Math.round(this.#timeMs[at] ?? 0)),
      low: short(this.#low),
      high: short(this.#high),
      outputs: this.#outputs.map((row) =>
        places.map((at) => {
          const value = row[at] ?? Number.NaN;
          return Number.isFinite(value) ? shortNumber(value) : null;
        }),
      ),
    };
  }
}

function copyInto(rows: readonly Float32Array[], at: number, values: Float32Array): void {
  for (let row = 0; row < rows.length; row += 1) {
    const target = rows[row];
    if (target !== undefined) {
      target[at] = values[row] ?? Number.NaN;
    }
  }
}

/** As exact as a plot can show. */
function shortNumber(value: number): number {
  return Number(value.toPrecision(5));
}
