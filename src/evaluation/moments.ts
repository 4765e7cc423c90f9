/** Count, mean, deviation and bounds of numbers that come one at a time (Welford 1962). */
export class Moments {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  /** @param value finite */
  add(value: number): void {
    this.#count += 1;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  get count(): number {
    return this.#count;
  }

  /** Null without numbers, as are the three that follow. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#mean;
  }

  /** Standard deviation of these numbers themselves: with n, not n - 1, below. */
  get std(): number | null {
    return this.#count === 0 ? null : Math.sqrt(this.#squares / this.#count);
  }

  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }
}
