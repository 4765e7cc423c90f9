/** Values that are kept as they are at most: 1 MiB. From there on each is kept with the same chance. */
export const sampleCapacity = 2 ** 18;

/**
 * A uniform random sample of values that come one at a time, and all of them while they are few (algorithm R,
 * Vitter 1985). The same values in the same order give the same sample.
 */
export class ValueSample {
  #values = new Float32Array(1024);
  #seen = 0;
  #random = 0x2545f491;

  readonly #capacity: number;

  constructor(capacity = sampleCapacity) {
    this.#capacity = capacity;
  }

  /** Returns whether it holds every value that came. */
  get isComplete(): boolean {
    return this.#seen <= this.#capacity;
  }

  add(value: number): void {
    const at = this.#seen < this.#capacity ? this.#seen : this.#below(this.#seen + 1);
    this.#seen += 1;
    if (at >= this.#capacity) {
      return;
    }
    if (at >= this.#values.length) {
      const wider = new Float32Array(Math.min(this.#capacity, 2 * this.#values.length));
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[at] = value;
  }

  /** The sample in ascending order, as a copy. */
  sorted(): Float32Array {
    return this.#values.slice(0, Math.min(this.#seen, this.#capacity)).sort();
  }

  /** A whole number from 0 up to a limit that it is not, from a xorshift generator (Marsaglia 2003). */
  #below(limit: number): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return Math.floor(((this.#random >>> 0) / 2 ** 32) * limit);
  }
}

/**
 * The value below which a share of others lies, interpolated between neighbours.
 *
 * @param sorted ascending
 * @param share 0 to 1
 * @returns null without values
 */
export function quantile(sorted: Float32Array, share: number): number | null {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  return below === undefined || above === undefined
    ? null
    : below + (above - below) * (at - Math.floor(at));
}
