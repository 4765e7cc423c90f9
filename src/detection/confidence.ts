import type { Candidate } from './candidate.js';
import type { Trial } from './trial.js';

/** Rows without names that show no gravity may be anything that is numbers. */
const unnamedConfidence = 0.7;
/** So few rows are no sample of what comes. */
const leastRows = 3;

/** How sure it is that a candidate reads what the sensor says, from 0 to 1. */
export function confidenceOf(candidate: Candidate, trial: Trial, hasGravity: boolean): number {
  const { rows } = trial;
  if (rows < leastRows) {
    return Math.min(0.3, 0.1 * rows);
  }
  const most =
    candidate.isUnnamed && !hasGravity
      ? Math.min(candidate.mostConfidence, unnamedConfidence)
      : candidate.mostConfidence;
  const enough = 1 - 0.5 ** (rows / 1.5);
  const value = most * enough * shareFactor(candidate, trial);
  return Math.round(1000 * value) / 1000;
}

/** Returns what the share of good rows among all that came says, from 0 to 1. */
function shareFactor({ evidence }: Candidate, { counters, rows, bytes, lost }: Trial): number {
  const count = (name: string): number => counters[name] ?? 0;
  if (evidence === 'lines') {
    const others = count('otherLines') + count('text');
    const rejected =
      count('notNumeric') +
      count('fieldCount') +
      count('empty') +
      count('nonFinite') +
      count('tooLong') +
      count('badChecksum') +
      count('malformed') +
      count('missing');
    // A greeting is a few lines, whatever comes after it.
    return (rows / (rows + rejected + Math.max(0, others - 8))) ** 2;
  }
  const good = rows / (rows + lost + count('badChecksum'));
  const share = 1 - count('skippedBytes') / bytes;
  return Math.min(1, 1.2 * good) * Math.min(1, 2 * share);
}
