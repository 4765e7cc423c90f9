import type { DeviceClock } from './decoder.js';

/** Holds what a configuration says of lines of numbers. */
export interface CsvOptions {
  /** Names of the axes, matched to a header row where there is one, whatever the case. */
  readonly axes: readonly string[];
  /** Index of each axis' field; without it a row holds the axes alone, or follows a header. */
  readonly columns?: readonly number[] | undefined;
  /** Bytes of the longest line; by default that of a sensor. */
  readonly maxLineBytes?: number;
  /** `point`: commas separate fields, whatever a row looks like. By default a row that can be read in two ways is lost. */
  readonly decimal?: 'auto' | 'point' | undefined;
  /** The character between fields, where it is not to be found out line by line. */
  readonly separator?: string | undefined;
  /** Rows begin with this, which is cut off; other lines are text. */
  readonly prefix?: string | undefined;
  /** Field of the sensor's own time, from 0, or its name in the header row. */
  readonly timeColumn?: number | string | undefined;
  /** Unit of that time; default ms. */
  readonly timeUnit?: TimeUnit | undefined;
}

/** Units of a sensor's own time, in milliseconds. */
export const unitMs = { s: 1000, ms: 1, us: 0.001, ns: 0.000_001 } as const;
export type TimeUnit = keyof typeof unitMs;

/** The clock of a sensor that writes its own time in a unit; milliseconds and microseconds are counted in 32 bits. */
export function clockOf(unit: TimeUnit): DeviceClock {
  const wrapMs = unitMs[unit] * 2 ** 32;
  return { time: { wrapMs, advice: (ratio) => timeUnitAdvice(unit, ratio) } };
}

/**
 * Returns what `sensor.timeUnit` should be.
 *
 * @param ratio how many times as fast as this machine's clock a sensor's is, read in the unit
 */
function timeUnitAdvice(unit: TimeUnit, ratio: number): string | undefined {
  const right = Object.entries(unitMs).find(
    ([, ms]) => Math.abs(unitMs[unit] / ratio / ms - 1) < 0.2,
  );
  return right === undefined ? undefined : `set sensor.timeUnit to ${right[0]}, it is ${unit} now`;
}
