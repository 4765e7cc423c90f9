import { LstmdError } from '../base/errors.js';

export interface FeatureOptions {
  /** Factor of each reading by its units, before `scale`: one an axis. */
  readonly unitFactors?: readonly number[] | undefined;
  /** Factor of each reading: one number for all axes, or one for each. */
  readonly scale?: number | readonly number[] | undefined;
  /** Subtracted after scaling; likewise. */
  readonly mean?: number | readonly number[] | undefined;
  /** Divisor after that; likewise. */
  readonly std?: number | readonly number[] | undefined;
  /** Readings outside `[min, max]`, before scaling, are refused. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * Turns readings into features: `(reading * unitFactor * scale - mean) / std` in float64,
 * rounded once to float32. Without options a feature has the bits of its reading.
 */
export class Conditioner {
  readonly axes: number;
  readonly counters = { outOfRange: 0, nonFinite: 0 };

  readonly #scale: Float64Array;
  readonly #mean: Float64Array;
  readonly #std: Float64Array;
  readonly #min: number;
  readonly #max: number;
  /** False where all divisors are 1, by which no bit changes. */
  readonly #divides: boolean;

  /** @throws LstmdError `config.invalid` when a list does not fit the axes or a number is not finite */
  constructor(
    axes: number,
    { unitFactors = [], scale = 1, mean = 0, std = 1, min, max }: FeatureOptions = {},
  ) {
    this.axes = axes;
    this.#scale = perAxis('scale', scale, axes).map(
      (each, axis) => each * (unitFactors[axis] ?? 1),
    );
    this.#mean = perAxis('mean', mean, axes);
    this.#std = perAxis('std', std, axes);
    if (this.#std.includes(0)) {
      throw new LstmdError('config.invalid', 'features.std must not be 0: it is a divisor');
    }
    this.#divides = this.#std.some((each) => each !== 1);
    this.#min = min ?? -Infinity;
    this.#max = max ?? Infinity;
  }

  /**
   * Writes the features of consecutive rows, an axis at a time: as `apply` for each, where it would return true for all.
   *
   * @param raw `rows x axes` readings; may be longer
   * @returns false when a row is to be refused: nothing is counted then, and `apply` tells which
   */
  applyAll(raw: Float32Array, rows: number, out: Float32Array, outOffset: number): boolean {
    const { axes } = this;
    const divides = this.#divides;
    const min = this.#min;
    const max = this.#max;
    const end = rows * axes;
    for (let axis = 0; axis < axes; axis += 1) {
      const scale = this.#scale[axis] ?? Number.NaN;
      const mean = this.#mean[axis] ?? Number.NaN;
      const std = this.#std[axis] ?? Number.NaN;
      for (let at = axis; at < end; at += axes) {
        const reading = raw[at] ?? Number.NaN;
        const centred = reading * scale - mean;
        const feature = Math.fround(divides ? centred / std : centred);
        // A reading that is not finite has no finite feature.
        if (feature - feature !== 0 || reading < min || reading > max) {
          return false;
        }
        out[outOffset + at] = feature;
      }
    }
    return true;
  }

  /**
   * Writes the features of one row.
   *
   * @returns false when a reading is out of range, or it or its feature is not finite; the row is
   *   then counted, and what was written to `out` is not to be used
   */
  apply(raw: Float32Array, rawOffset: number, out: Float32Array, outOffset: number): boolean {
    for (let axis = 0; axis < this.axes; axis += 1) {
      const reading = raw[rawOffset + axis] ?? Number.NaN;
      if (!Number.isFinite(reading)) {
        this.counters.nonFinite += 1;
        return false;
      }
      if (reading < this.#min || reading > this.#max) {
        this.counters.outOfRange += 1;
        return false;
      }
      const feature = Math.fround(
        (reading * (this.#scale[axis] ?? Number.NaN) - (this.#mean[axis] ?? Number.NaN)) /
          (this.#std[axis] ?? Number.NaN),
      );
      if (!Number.isFinite(feature)) {
        this.counters.nonFinite += 1;
        return false;
      }
      out[outOffset + axis] = feature;
    }
    return true;
  }
}

function perAxis(name: string, value: number | readonly number[], axes: number): Float64Array {
  const values = typeof value === 'number' ? new Float64Array(axes).fill(value) : value;
  if (values.length !== axes || !values.every((each) => Number.isFinite(each))) {
    throw new LstmdError(
      'config.invalid',
      `features.${name} must be a finite number or a list of ${axes} of them, one an axis`,
    );
  }
  return Float64Array.from(values);
}
