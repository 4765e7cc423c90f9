/** How a short gap is filled. */
export interface FillOptions {
  /** `hold`: with the sample before it; `interpolate`: with a straight line to the one after it. */
  readonly by: "hold" | "interpolate";
  /** A longer gap stays one. */
  readonly upToMs: number;
}

/** Makes up rows in a gap between two rows, one for each period. */
export class GapFiller {
  /** Rows of the last gap: `count x axes` readings, and their monotonic times; reused at the next. */
  values = new Float32Array(0);
  monotonicMs = new Float64Array(0);

  readonly #axes: number;
  readonly #periodMs: number;
  readonly #options: FillOptions;
  readonly #last: Float32Array;

  constructor(axes: number, periodMs: number, options: FillOptions) {
    this.#axes = axes;
    this.#periodMs = periodMs;
    this.#options = options;
    this.#last = new Float32Array(axes);
  }

  /** Keeps a row, after which a gap may come. */
  remember(values: Float32Array, offset: number): void {
    for (let axis = 0; axis < this.#axes; axis += 1) {
      this.#last[axis] = values[offset + axis] ?? Number.NaN;
    }
  }

  /**
   * Fills the gap between the row that is remembered and the next one.
   *
   * @param lengthMs by the times of both rows
   * @param endMs monotonic time of the next row, which begins at `offset`
   * @param ownMs length by the sensor's own time or count, which says how many rows are missing
   * @returns the number of rows; 0 where the gap is too long, or no row is missing
   */
  fill(
    lengthMs: number,
    endMs: number,
    values: Float32Array,
    offset: number,
    ownMs: number,
  ): number {
    const steps = Math.round(ownMs / this.#periodMs);
    if (ownMs > this.#options.upToMs || steps < 2) {
      return 0;
    }
    const rows = steps - 1;
    if (this.monotonicMs.length < rows) {
      this.values = new Float32Array(rows * this.#axes);
      this.monotonicMs = new Float64Array(rows);
    }
    const isHeld = this.#options.by === "hold";
    for (let row = 0; row < rows; row += 1) {
      const share = (row + 1) / steps;
      this.monotonicMs[row] = endMs - (1 - share) * lengthMs;
      for (let axis = 0; axis < this.#axes; axis += 1) {
        const from = this.#last[axis] ?? 0;
        const to = values[offset + axis] ?? 0;
        this.values[row * this.#axes + axis] = isHeld
          ? from
          : from + share * (to - from);
      }
    }
    return rows;
  }
}
