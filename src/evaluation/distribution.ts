import { Moments } from './moments.js';
import { quantile, ValueSample } from './value-sample.js';

/** How numbers are distributed, in the form that the reference statistics have. */
export interface DistributionFigures {
  readonly count: number;
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /**
   * Edges of bins with about the same share each, ascending: the lowest value, quantiles, the highest value.
   * A number is in the first bin from `edges[0]` to `edges[1]`, both included, and in bin n above `edges[n]` up to
   * and with `edges[n + 1]`. Edges that would be equal are one; a single value c has the edges [c, c].
   */
  readonly edges: readonly number[];
  /** Share of the numbers in each bin, one less than edges; they add up to 1. */
  readonly shares: readonly number[];
  /** True when the edges are of a random sample, since there were too many numbers to keep. */
  readonly isSampled: boolean;
}

/** Bins of which each has a tenth of the numbers, as population stability indices are usually computed. */
const binCount = 10;

/** Gathers the distribution of numbers that come one at a time, in bounded memory. */
export class Distribution {
  readonly #moments = new Moments();
  readonly #sample = new ValueSample();

  /** @param value a finite float32 */
  add(value: number): void {
    this.#moments.add(value);
    this.#sample.add(value);
  }

  figures(): DistributionFigures {
    const { count, mean, std, min, max } = this.#moments;
    const sorted = this.#sample.sorted();
    const edges = edgesOf(sorted, min, max);
    const isSampled = !this.#sample.isComplete;
    return { count, mean, std, min, max, edges, shares: sharesOf(sorted, edges), isSampled };
  }
}

function edgesOf(sorted: Float32Array, min: number | null, max: number | null): number[] {
  if (min === null || max === null) {
    return [];
  }
  if (min === max) {
    return [min, max];
  }
  const inner = Array.from({ length: binCount - 1 }, (_, n) =>
    // A float32, as what is compared with it will be.
    Math.fround(quantile(sorted, (n + 1) / binCount) ?? min),
  );
  return [...new Set([min, ...inner, max])];
}

function sharesOf(sorted: Float32Array, edges: readonly number[]): number[] {
  const shares = edges.slice(1).map(() => 0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < shares.length - 1 && value > (edges[bin + 1] ?? Infinity)) {
      bin += 1;
    }
    shares[bin] = (shares[bin] ?? 0) + 1;
  }
  return shares.map((count) => count / sorted.length);
}
