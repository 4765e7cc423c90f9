/**
 * Positives and negatives in the order of their scores, highest first. At threshold `scores[n]`, with an alarm
 * for each score that reaches it, `hits[n]` positives and `falseAlarms[n]` negatives give one.
 */
export interface Ranking {
  /** Distinct, descending. */
  readonly scores: Float32Array;
  readonly hits: Float64Array;
  readonly falseAlarms: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Ranks scores of positives and of negatives, in any order. Scores that are equal share a threshold, so that no
 * order among them is made up.
 *
 * @param positives finite; sorted in place, as are `negatives`
 */
export function rank(positives: Float32Array, negatives: Float32Array): Ranking {
  positives.sort();
  negatives.sort();
  const most = positives.length + negatives.length;
  const scores = new Float32Array(most);
  const hits = new Float64Array(most);
  const falseAlarms = new Float64Array(most);
  let count = 0;
  let positive = positives.length - 1;
  let negative = negatives.length - 1;
  while (positive >= 0 || negative >= 0) {
    const score = Math.max(positives[positive] ?? -Infinity, negatives[negative] ?? -Infinity);
    while (positive >= 0 && positives[positive] === score) {
      positive -= 1;
    }
    while (negative >= 0 && negatives[negative] === score) {
      negative -= 1;
    }
    scores[count] = score;
    hits[count] = positives.length - 1 - positive;
    falseAlarms[count] = negatives.length - 1 - negative;
    count += 1;
  }
  return {
    scores: scores.subarray(0, count),
    hits: hits.subarray(0, count),
    falseAlarms: falseAlarms.subarray(0, count),
    positives: positives.length,
    negatives: negatives.length,
  };
}
