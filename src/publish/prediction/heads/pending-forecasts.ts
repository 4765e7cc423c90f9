/**
 * Forecasts whose samples have not come yet, oldest first, in a ring that is made once. The one that came due
 * last stays readable until the next forecast is added after it.
 */
export class PendingForecasts {
  readonly values: Float32Array;
  readonly #size: number;
  readonly #capacity: number;
  /** Number of the sample with which each comes due. */
  readonly #dueAt: Float64Array;
  #oldest = 0;
  #count = 0;

  /**
   * @param size floats of a forecast
   * @param capacity how many wait at most
   */
  constructor(size: number, capacity: number) {
    this.#size = size;
    // One more, so that the newest does not take the place of the one that is due.
    this.#capacity = capacity + 1;
    this.#dueAt = new Float64Array(this.#capacity);
    this.values = new Float32Array(this.#capacity * size);
  }

  get count(): number {
    return this.#count;
  }

  /** Keeps a forecast of which the last sample is number `dueAt`; where there is no room, in place of the oldest. */
  add(rows: Float32Array, offset: number, dueAt: number): void {
    if (this.#count === this.#capacity - 1) {
      this.#oldest = (this.#oldest + 1) % this.#capacity;
      this.#count -= 1;
    }
    const slot = (this.#oldest + this.#count) % this.#capacity;
    this.#dueAt[slot] = dueAt;
    const at = slot * this.#size;
    for (let i = 0; i < this.#size; i += 1) {
      this.values[at + i] = rows[offset + i] ?? 0;
    }
    this.#count += 1;
  }

  /** Returns where in `values` the forecast begins that is due with sample number `sample`; undefined without one. */
  takeDue(sample: number): number | undefined {
    let at: number | undefined;
    while (this.#count > 0 && (this.#dueAt[this.#oldest] ?? 0) <= sample) {
      at = this.#oldest * this.#size;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
      this.#count -= 1;
    }
    return at;
  }

  /** Forgets all of them; returns how many there were. */
  drop(): number {
    const dropped = this.#count;
    this.#count = 0;
    return dropped;
  }
}
