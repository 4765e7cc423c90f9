/** Counts of numbers in bins of one width. */
export interface Histogram {
  /** Says where the first bin begins, and the last ends; null without numbers. */
  readonly low: number | null;
  readonly high: number | null;
  readonly counts: readonly number[];
}

const binCount = 40;

/**
 * Counts numbers in bins of one width, those of several kinds in the same bins: from the lowest to the highest of all.
 *
 * @param kinds the numbers of each kind: finite, ascending
 */
export function histogramsOf(kinds: readonly Float32Array[]): Histogram[] {
  const low = Math.min(...kinds.map((sorted) => sorted[0] ?? Infinity));
  const high = Math.max(...kinds.map((sorted) => sorted.at(-1) ?? -Infinity));
  return kinds.map((sorted) => histogramOf(sorted, low, high));
}

function histogramOf(sorted: Float32Array, low: number, high: number): Histogram {
  if (sorted.length === 0) {
    return { low: null, high: null, counts: [] };
  }
  const counts = Array.from({ length: low === high ? 1 : binCount }, () => 0);
  for (const value of sorted) {
    const share = low === high ? 0 : (value - low) / (high - low);
    const bin = Math.min(counts.length - 1, Math.floor(share * counts.length));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { low, high, counts };
}
