/** Counts of numbers in bins of one width. */
export interface Histogram {
  /** Where the first bin begins, and the last ends; null without numbers. */
  readonly low: number | null;
  readonly high: number | null;
  readonly counts: readonly number[];
}

const binCount = 40;

/**
 * Counts numbers in bins of one width between the lowest and the highest.
 *
 * @param sorted finite, ascending
 */
export function histogramOf(sorted: Float32Array): Histogram {
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) {
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
