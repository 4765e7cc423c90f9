import { axisKey } from '../sensor/decoders/axis-key.js';

/** Standard gravity, in the units in which sensors send acceleration. Counts of 1024 a g are told as mg, 2 % apart. */
const gravityIn: readonly (readonly [unit: string, size: number])[] = [
  ['g', 1],
  ['m/s2', 9.80665],
  ['g/64', 64],
  ['g/256', 256],
  ['mg', 1000],
  ['g/2048', 2048],
  ['g/4096', 4096],
  ['g/8192', 8192],
  ['g/16384', 16_384],
];
/** Sensors err by so much, and a wearer's motion moves the median by as much. */
const mostError = 0.15;
/** At rest the length of the vector hardly changes. */
const restSpread = 0.1;
/** Half of the rows are within such a span: of numbers of any kind fewer are. */
const mostHalfSpread = 0.5;
const leastRows = 3;

/** Gravity among the readings, which shows what their unit is. */
export interface FoundGravity {
  /** First of the three axes of acceleration. */
  readonly axis: number;
  readonly unit: string;
  /** The usual length of the vector, in that unit's numbers. */
  readonly size: number;
  /** True when it hardly changed, as at rest; else the sensor moved, and the unit is less sure. */
  readonly isAtRest: boolean;
}

/**
 * Looks for gravity in axes that are named for acceleration, or where none are, in each three that follow each other.
 *
 * @param readings row after row
 */
export function findGravity(
  axes: readonly string[],
  readings: readonly number[],
): FoundGravity | undefined {
  const keys = axes.map(axisKey);
  const named = keys.indexOf('ax');
  const isNamed = named !== -1 && keys[named + 1] === 'ay' && keys[named + 2] === 'az';
  const starts = isNamed
    ? [named]
    : Array.from({ length: Math.floor(axes.length / 3) }, (_, n) => 3 * n);
  for (const axis of starts) {
    const found = gravityAt(axis, axes.length, readings);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** The gravity that tells the units, in words. */
export function gravityText(gravity: FoundGravity): string {
  const size = Number(gravity.size.toPrecision(4));
  return gravity.isAtRest
    ? `gravity: |a| is ${size} at rest`
    : `gravity: |a| is ${size} about, while it moves`;
}

function gravityAt(
  axis: number,
  axes: number,
  readings: readonly number[],
): FoundGravity | undefined {
  const sizes = Array.from({ length: Math.floor(readings.length / axes) }, (_, row) => {
    const at = row * axes + axis;
    return Math.hypot(readings[at] ?? 0, readings[at + 1] ?? 0, readings[at + 2] ?? 0);
  }).toSorted((a, b) => a - b);
  const size = quantile(sizes, 0.5);
  const [best] = gravityIn
    .map(([unit, expected]) => ({ unit, error: Math.abs(Math.log(size / expected)) }))
    .toSorted((a, b) => a.error - b.error);
  if (sizes.length < leastRows || best === undefined || !(best.error < mostError)) {
    return undefined;
  }
  const halfSpread = (quantile(sizes, 0.75) - quantile(sizes, 0.25)) / size;
  if (halfSpread > mostHalfSpread) {
    return undefined;
  }
  const spread = (quantile(sizes, 0.9) - quantile(sizes, 0.1)) / size;
  return { axis, unit: best.unit, size, isAtRest: spread < restSpread };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
