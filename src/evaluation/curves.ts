import type { Ranking } from './ranking.js';

/** A point of a ROC curve: what an alarm at `threshold` catches, and at what price. */
export interface RocPoint {
  /** Share of negatives that give an alarm. */
  readonly falseAlarmRate: number;
  /** Share of positives that give one. */
  readonly hitRate: number;
  /** Null at the first point, where nothing gives an alarm. */
  readonly threshold: number | null;
}

/** A point of a precision-recall curve. */
export interface PrecisionRecallPoint {
  readonly recall: number;
  readonly precision: number;
  readonly threshold: number;
}

/** Points of a curve that a report holds at most; areas are those of all points. */
const mostPoints = 200;

/** Area under the ROC curve, by trapezoids; null where positives or negatives are missing. */
export function areaUnderRoc(ranking: Ranking): number | null {
  const { hits, falseAlarms, positives, negatives } = ranking;
  if (positives === 0 || negatives === 0) {
    return null;
  }
  let area = 0;
  let hitsBefore = 0;
  let falseAlarmsBefore = 0;
  for (let n = 0; n < hits.length; n += 1) {
    const hit = hits[n] ?? 0;
    const falseAlarm = falseAlarms[n] ?? 0;
    area += ((hit + hitsBefore) / 2) * (falseAlarm - falseAlarmsBefore);
    hitsBefore = hit;
    falseAlarmsBefore = falseAlarm;
  }
  return area / (positives * negatives);
}

/** Precision averaged over the steps of recall, without interpolation; null without positives. */
export function averagePrecision({ hits, falseAlarms, positives }: Ranking): number | null {
  if (positives === 0) {
    return null;
  }
  let sum = 0;
  let hitsBefore = 0;
  for (let n = 0; n < hits.length; n += 1) {
    const hit = hits[n] ?? 0;
    sum += ((hit - hitsBefore) * hit) / (hit + (falseAlarms[n] ?? 0));
    hitsBefore = hit;
  }
  return sum / positives;
}

/** The ROC curve from (0, 0) to (1, 1), thinned evenly along its way; empty where its area is null. */
export function rocCurve(ranking: Ranking): RocPoint[] {
  const { scores, hits, falseAlarms, positives, negatives } = ranking;
  if (positives === 0 || negatives === 0) {
    return [];
  }
  const points: RocPoint[] = [{ falseAlarmRate: 0, hitRate: 0, threshold: null }];
  const way = (n: number) => (hits[n] ?? 0) / positives + (falseAlarms[n] ?? 0) / negatives;
  for (const n of thinned(scores.length, (at) => way(at) / 2)) {
    points.push({
      falseAlarmRate: (falseAlarms[n] ?? 0) / negatives,
      hitRate: (hits[n] ?? 0) / positives,
      threshold: scores[n] ?? 0,
    });
  }
  return points;
}

/**
 * The precision-recall curve by rising recall, thinned evenly along it; empty without positives. Precision falls where
 * recall does not rise, so that the first point of a stretch is kept too: at most twice as many.
 */
export function precisionRecallCurve(ranking: Ranking): PrecisionRecallPoint[] {
  const { scores, hits, falseAlarms, positives } = ranking;
  if (positives === 0) {
    return [];
  }
  return thinned(scores.length, (at) => (hits[at] ?? 0) / positives, true).map((n) => ({
    recall: (hits[n] ?? 0) / positives,
    precision: (hits[n] ?? 0) / ((hits[n] ?? 0) + (falseAlarms[n] ?? 0)),
    threshold: scores[n] ?? 0,
  }));
}

/**
 * The indices of some of the points: the first, the last, and between them the last one of each stretch.
 *
 * @param way how far along the curve a point is, from 0 to 1, not falling
 * @param withFirst true for the first one of each stretch too
 */
function thinned(count: number, way: (index: number) => number, withFirst = false): number[] {
  const kept: number[] = [];
  const stretch = (index: number) => Math.floor(way(index) * mostPoints);
  for (let n = 0; n < count; n += 1) {
    const isLast = n === count - 1 || stretch(n) !== stretch(n + 1);
    const isFirst = n === 0 || (withFirst && stretch(n) !== stretch(n - 1));
    if (isFirst || isLast) {
      kept.push(n);
    }
  }
  return kept;
}
