import { LstmdError } from '../base/errors.js';

export interface FeatureOptions {
  /** Raw reading times this, one for all axes or one an axis. */
  readonly scale?: number | readonly number[] | undefined;
  /** Subtracted after scaling. */
  readonly mean?: number | readonly number[] | undefined;
  /** Divisor after that. */
  readonly std?: number | readonly number[] | undefined;
  /** Raw readings outside `[min, max]` are refused. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * Raw readings to the model's features: `(reading * scale - mean) / std` in
 * float64, rounded once to float32. With nothing given it passes every bit on.
 */
export class Conditioner {
  readonly axes: number;
  readonly counters = { outOfRange: 0, nonFinite: 0 };

  readonly #scale: Float64Array;
  readonly #mean: Float64Array;
  readonly #std: Float64Array;
  readonly #min: number;
  readonly #max: number;

  /** @throws LstmdError `config.invalid` when a list does not fit the axes or a number is no use */
  constructor(axes: number, { scale = 1, mean = 0, std = 1, min, max }: FeatureOptions = {}) {
    this.axes = axes;
    this.#scale = perAxis('scale', scale, axes);
    this.#mean = perAxis('mean', mean, axes);
    this.#std = perAxis('std', std, axes);
    if (this.#std.includes(0)) {
      throw new LstmdError('config.invalid', 'features.std must not be 0: it is a divisor');
    }
    this.#min = min ?? -Infinity;
    this.#max = max ?? Infinity;
  }

  /**
   * Writes the features of one row.
   *
   * @returns false, with the row counted and `out` not to be used, when a reading is out of range
   *   or not finite, before or after
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
