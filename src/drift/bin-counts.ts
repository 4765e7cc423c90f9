import type { ReferenceDistribution } from './reference.js';

/** A share of nothing has no logarithm; this stands in its place, as is usual for this index. */
const leastShare = 1e-4;

/** Counts numbers in the bins of a reference. */
export class BinCounts {
  readonly #reference: ReferenceDistribution;
  /** The bins, and at the ends those of what is below the first edge and above the last. */
  readonly #counts: Float64Array;
  #count = 0;

  constructor(reference: ReferenceDistribution) {
    this.#reference = reference;
    this.#counts = new Float64Array(reference.shares.length + 2);
  }

  add(value: number): void {
    const { edges } = this.#reference;
    this.#count += 1;
    let bin = 0;
    if (value >= (edges[0] ?? Infinity)) {
      // The first bin has both of its edges, the others their upper one.
      bin = 1;
      while (bin < edges.length && value > (edges[bin] ?? Infinity)) {
        bin += 1;
      }
    }
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
  }

  /** The share of the numbers below the lowest and above the highest of the reference; 0 without numbers. */
  get outOfRange(): number {
    const outside = (this.#counts[0] ?? 0) + (this.#counts.at(-1) ?? 0);
    return this.#count === 0 ? 0 : outside / this.#count;
  }

  /**
   * The population stability index: the sum over the bins of (share - expected) ln(share / expected). Below 0.1 the two
   * are alike, above 0.25 they are not. 0 without numbers.
   */
  get stabilityIndex(): number {
    if (this.#count === 0) {
      return 0;
    }
    const { shares } = this.#reference;
    let index = 0;
    for (let bin = 0; bin < this.#counts.length; bin += 1) {
      // What is out of range is in no bin of the reference.
      const expected = Math.max(leastShare, shares[bin - 1] ?? 0);
      const share = Math.max(leastShare, (this.#counts[bin] ?? 0) / this.#count);
      index += (share - expected) * Math.log(share / expected);
    }
    return index;
  }
}
