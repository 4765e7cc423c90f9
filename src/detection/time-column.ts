/** Rows that a look at a column needs at least. */
const leastRows = 4;
/** A clock's steps are all alike, but for rows that were lost. */
const mostStep = 4;
/** The sensor's clock and this machine's may differ so much, as a share, before something else is counted. */
const mostDrift = 0.25;

const unitMs = { s: 1000, ms: 1, us: 0.001, ns: 0.000_001 } as const;
export type TimeUnit = keyof typeof unitMs;

/** A column that only rises, by steps that are nearly alike. */
export interface RisingColumn {
  /** A count of rows, a time in the unit, or a time in no unit that fits the arrival of rows. */
  readonly kind: 'counter' | 'time' | 'unknown';
  readonly unit: TimeUnit | undefined;
  /** Its median step. */
  readonly step: number;
}

/**
 * Looks whether a column is the sensor's own time or its count of rows.
 *
 * @param values of rows that followed each other
 * @param periodMs from row to row, as they arrived; undefined where that is not known
 * @returns undefined for readings
 */
export function risingColumn(
  values: readonly number[],
  periodMs: number | undefined,
): RisingColumn | undefined {
  const steps = values.slice(1).map((value, n) => value - (values[n] ?? Number.NaN));
  const sorted = steps.toSorted((a, b) => a - b);
  const step = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const isRising = steps.filter((each) => each > 0 && each <= mostStep * step).length;
  if (values.length < leastRows || isRising < 0.9 * steps.length || !(step > 0)) {
    return undefined;
  }
  const unit = periodMs === undefined ? undefined : unitOfStep(step, periodMs);
  const isCounter = step === 1 && steps.every(Number.isInteger);
  if (isCounter && unit === undefined) {
    return { kind: 'counter', unit: undefined, step };
  }
  // Readings rise for a while too: a clock's steps are the same to a few per cent for most rows.
  const even = steps.filter((each) => Math.abs(each - step) <= Math.max(0.15 * step, 1)).length;
  if (even < 0.8 * steps.length || values.some((value) => value < 0)) {
    return undefined;
  }
  return { kind: unit === undefined ? 'unknown' : 'time', unit, step };
}

function unitOfStep(step: number, periodMs: number): TimeUnit | undefined {
  const units = Object.keys(unitMs).filter((name) => isUnit(name));
  return units.find((unit) => Math.abs((step * unitMs[unit]) / periodMs - 1) <= mostDrift);
}

function isUnit(name: string): name is TimeUnit {
  return Object.hasOwn(unitMs, name);
}

/** Returns whether a column has this name because it is a time or a count. */
export function isTimeName(name: string): boolean {
  return /^(t|ts|time|times?tamp|ms|us|millis|micros|millisecs?|microseconds|milliseconds|uptime|clock|time[ _]?\(?\[?(s|ms|us)\]?\)?|tick|ticks)$/i.test(
    name,
  );
}

/** Returns whether a column has this name because it counts or names rows. */
export function isCounterName(name: string): boolean {
  return /^(n|i|id|no|nr|idx|index|count|counter|seq|sequence|sample|packet|row|device|version|status)$/i.test(
    name,
  );
}
