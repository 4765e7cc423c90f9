import type { GapReason } from './sample-block.js';

/** What one read brought, until it is known how many samples there were to space back. */
export class ReadBatch {
  values: Float32Array;
  timeMs = new Float64Array(64);
  /** Good rows. */
  count = 0;
  /** Good and lost rows. */
  placed = 0;
  readonly #axes: number;
  #places = new Int32Array(64);
  readonly #missing: (GapReason | undefined)[] = [];

  constructor(axes: number) {
    this.#axes = axes;
    this.values = new Float32Array(64 * axes);
  }

  /** Makes room for a row and says where in `values`; grows only to the largest read. */
  reserve(): number {
    const capacity = this.timeMs.length;
    if (this.count === capacity) {
      this.values = grown(this.values, new Float32Array(2 * capacity * this.#axes));
      this.timeMs = grown(this.timeMs, new Float64Array(2 * capacity));
      this.#places = grown(this.#places, new Int32Array(2 * capacity));
    }
    return this.count * this.#axes;
  }

  keep(missingBefore: GapReason | undefined): void {
    this.#places[this.count] = this.placed;
    this.#missing[this.count] = missingBefore;
    this.placed += 1;
    this.count += 1;
  }

  skip(): void {
    this.placed += 1;
  }

  place(row: number): number {
    return this.#places[row] ?? 0;
  }

  missingBefore(row: number): GapReason | undefined {
    return this.#missing[row];
  }

  clear(): void {
    this.count = 0;
    this.placed = 0;
  }
}

function grown<T extends Float32Array | Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
