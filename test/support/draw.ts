import { seededRandom } from './random.js';

/** Draws for a random case; the same ones for the same seed. */
export class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  one<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) {
      throw new RangeError('nothing to draw from');
    }
    return item;
  }

  /** Numbers from -scale to scale. */
  floats(count: number, scale: number): Float32Array {
    return Float32Array.from({ length: count }, () => (2 * this.#random() - 1) * scale);
  }
}
