import { LstmdError, type OptionFault } from '../../../base/errors.js';
import type { ErrorDistribution } from './error-distribution.js';

export type ErrorMetric = 'mae' | 'mse' | 'mahalanobis';

/**
 * The part of a window that a score is over: `all` steps, the `last` step, or `feature`: all steps of each feature
 * by itself, of which the largest counts.
 */
export type ScorePart = 'all' | 'last' | 'feature';

export interface ScoreOptions {
  readonly metric: ErrorMetric;
  readonly over: ScorePart;
  /** For `mahalanobis`. */
  readonly distribution?: ErrorDistribution | undefined;
  /** The option that names the distribution. */
  readonly at?: OptionFault['at'];
}

/** The two windows that are compared, each a run of steps, oldest first. */
export interface ComparedWindows {
  /** The model's (steps, width) from `outputAt` on. */
  readonly output: Float32Array;
  readonly outputAt: number;
  /** The samples' (steps, features) from `inputAt` on, with the feature of each output in `columns`. */
  readonly input: Float32Array;
  readonly inputAt: number;
}

/** The error of a reconstruction, in float64. */
export class ReconstructionScore {
  readonly options: ScoreOptions;
  readonly steps: number;
  readonly width: number;
  /**
   * Each feature's own error in the window last compared: its mean over the steps, or its part of the squared
   * Mahalanobis distance of all features together.
   */
  readonly parts: Float64Array;
  readonly #features: number;
  readonly #columns: Int32Array;
  /** Errors less their mean, of one step or of the whole window. */
  readonly #away: Float64Array;

  /**
   * @param steps steps in a row of outputs
   * @param columns for each output of a step the feature that it reconstructs
   * @param features of a sample
   * @throws LstmdError `config.invalid` for a distribution of another size
   */
  constructor(options: ScoreOptions, steps: number, columns: Int32Array, features: number) {
    this.options = options;
    this.steps = steps;
    this.width = columns.length;
    this.parts = new Float64Array(this.width);
    this.#features = features;
    this.#columns = columns;
    const size = options.distribution?.mean.length ?? 0;
    this.#away = new Float64Array(size);
    const isWhole = size === steps * this.width && options.over === 'all';
    if (options.metric === 'mahalanobis' && size !== this.width && !isWhole) {
      throw new LstmdError(
        'config.invalid',
        `it is of ${size} values: it must be of one step's ${this.width}${
          options.over === 'all' ? `, or of all ${steps * this.width} of a window` : ''
        }`,
        { at: options.at },
      );
    }
  }

  /** True when each feature has an error of its own, and no mere part of a common distance. */
  get hasFeatureErrors(): boolean {
    return this.options.metric !== 'mahalanobis' || this.options.over === 'feature';
  }

  /** The score of a window; `parts` then are those of the features. */
  compare(windows: ComparedWindows): number {
    const { metric, over, distribution } = this.options;
    const first = over === 'last' ? this.steps - 1 : 0;
    this.parts.fill(0);
    if (metric === 'mahalanobis' && distribution !== undefined) {
      return over === 'feature'
        ? this.#deviation(windows, distribution)
        : this.#mahalanobis(windows, first, distribution);
    }
    const count = this.steps - first;
    for (let step = first; step < this.steps; step += 1) {
      for (let output = 0; output < this.width; output += 1) {
        const error = this.#error(windows, step, output);
        this.parts[output] =
          (this.parts[output] ?? 0) + (metric === 'mse' ? error * error : Math.abs(error));
      }
    }
    let sum = 0;
    let largest = 0;
    for (let output = 0; output < this.width; output += 1) {
      const part = (this.parts[output] ?? 0) / count;
      this.parts[output] = part;
      sum += part;
      largest = Math.max(largest, part);
    }
    return over === 'feature' ? largest : sum / this.width;
  }

  /** The mean distance of the steps, or that of the whole window where the distribution is of one. */
  #mahalanobis(windows: ComparedWindows, first: number, distribution: ErrorDistribution): number {
    const { mean, isAbsolute, isSquared } = distribution;
    const size = mean.length;
    const steps = size / this.width;
    let sum = 0;
    for (let step = first; step < this.steps; step += steps) {
      for (let i = 0; i < size; i += 1) {
        const at = Math.floor(i / this.width);
        const error = this.#error(windows, step + at, i - at * this.width);
        this.#away[i] = (isAbsolute ? Math.abs(error) : error) - (mean[i] ?? 0);
      }
      const squared = this.#squaredDistance(distribution);
      sum += isSquared ? squared : Math.sqrt(Math.max(squared, 0));
    }
    return sum / ((this.steps - first) / steps);
  }

  /** The mean distance of each feature by itself, which is its deviation in standard deviations; the largest counts. */
  #deviation(windows: ComparedWindows, distribution: ErrorDistribution): number {
    const { mean, variance, isAbsolute, isSquared } = distribution;
    let largest = 0;
    for (let output = 0; output < this.width; output += 1) {
      let sum = 0;
      for (let step = 0; step < this.steps; step += 1) {
        const error = this.#error(windows, step, output);
        const away = (isAbsolute ? Math.abs(error) : error) - (mean[output] ?? 0);
        const squared = (away * away) / (variance[output] ?? 1);
        sum += isSquared ? squared : Math.sqrt(squared);
      }
      const part = sum / this.steps;
      this.parts[output] = part;
      largest = Math.max(largest, part);
    }
    return largest;
  }

  /** The squared distance of `#away`, and to each feature's part what it has of that. */
  #squaredDistance({ inverseCovariance }: ErrorDistribution): number {
    const size = this.#away.length;
    let squared = 0;
    for (let row = 0; row < size; row += 1) {
      let product = 0;
      for (let column = 0; column < size; column += 1) {
        product += (inverseCovariance[row * size + column] ?? 0) * (this.#away[column] ?? 0);
      }
      const part = product * (this.#away[row] ?? 0);
      const output = row % this.width;
      this.parts[output] = (this.parts[output] ?? 0) + part;
      squared += part;
    }
    return squared;
  }

  #error(
    { output, outputAt, input, inputAt }: ComparedWindows,
    step: number,
    column: number,
  ): number {
    const feature = this.#columns[column] ?? 0;
    return (
      (input[inputAt + step * this.#features + feature] ?? 0) -
      (output[outputAt + step * this.width + column] ?? 0)
    );
  }
}
