/**
 * Returns how undecided probabilities are, as Shannon's entropy over its largest value: 0 where one of them is sure, 1
 * where all are alike. A single number is the probability of one of two classes.
 *
 * @param rows the probabilities are `size` floats from `offset` on
 * @returns null where they are no probabilities: below 0, above 1, or of a sum that is not 1
 */
export function entropyOf(rows: Float32Array, offset: number, size: number): number | null {
  if (size === 1) {
    const p = rows[offset] ?? Number.NaN;
    return p >= 0 && p <= 1 ? (term(p) + term(1 - p)) / Math.LN2 : null;
  }
  let sum = 0;
  let entropy = 0;
  for (let n = 0; n < size; n += 1) {
    const p = rows[offset + n] ?? Number.NaN;
    if (!(p >= 0)) {
      return null;
    }
    sum += p;
    entropy += term(p);
  }
  return Math.abs(sum - 1) < sumTolerance ? entropy / Math.log(size) : null;
}

/** A softmax in float32 adds up to one within much less. */
const sumTolerance = 1e-3;

function term(p: number): number {
  return p > 0 ? -p * Math.log(p) : 0;
}
