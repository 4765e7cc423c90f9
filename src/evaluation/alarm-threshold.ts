/** A threshold for scores, and what an alarm at or above it would have done on the scores it was found with. */
export interface AlarmThreshold {
  /** The rate of false alarms that was asked for, 0 to 1. */
  readonly wantedRate: number;
  /** A float32: a score that reaches it is an alarm. */
  readonly threshold: number;
  /** Share of the normal scores that reach it: at most the wanted one. */
  readonly falseAlarmRate: number;
  /** Share of the others that reach it; null where there are none. */
  readonly hitRate: number | null;
}

/**
 * The lowest threshold at which no more than the wanted share of the normal scores are alarms.
 *
 * @param normal finite, ascending; as are the scores of what an alarm is for
 * @returns null without a normal score
 */
export function alarmThreshold(
  normal: Float32Array,
  abnormal: Float32Array,
  wantedRate: number,
): AlarmThreshold | null {
  const allowed = Math.floor(wantedRate * normal.length);
  const highestQuiet = normal[normal.length - 1 - allowed];
  if (normal.length === 0) {
    return null;
  }
  // With every normal score allowed to be an alarm, all of them are.
  const threshold = highestQuiet === undefined ? (normal[0] ?? 0) : nextFloat(highestQuiet);
  return {
    wantedRate,
    threshold,
    falseAlarmRate: shareFrom(normal, threshold) ?? 0,
    hitRate: shareFrom(abnormal, threshold),
  };
}

/** Share of ascending scores that reach a threshold; null without scores. */
export function shareFrom(scores: Float32Array, threshold: number): number | null {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((scores[middle] ?? 0) < threshold) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return scores.length === 0 ? null : (scores.length - low) / scores.length;
}

const bits = new DataView(new ArrayBuffer(4));

/** The smallest float32 above a finite one. */
export function nextFloat(value: number): number {
  if (value === 0) {
    return 2 ** -149;
  }
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? 1 : -1));
  return bits.getFloat32(0);
}
