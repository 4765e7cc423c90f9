import { Moments } from './moments.js';

/** How far values are from their targets, in the unit of both; null without any. */
export interface RegressionFigures {
  readonly count: number;
  /** Mean absolute error. */
  readonly mae: number | null;
  /** Root of the mean squared error. */
  readonly rmse: number | null;
  /** Mean error, value minus target: above zero where the values are too high. */
  readonly bias: number | null;
  readonly largestError: number | null;
  /** Share of the targets' variance that the values explain; null where the targets do not vary. */
  readonly r2: number | null;
}

/** Sums the errors of values that come one at a time. */
export class RegressionErrors {
  readonly #errors = new Moments();
  readonly #absolute = new Moments();
  readonly #targets = new Moments();

  add(value: number, target: number): void {
    this.#errors.add(value - target);
    this.#absolute.add(Math.abs(value - target));
    this.#targets.add(target);
  }

  figures(): RegressionFigures {
    const { count, mean: bias, std } = this.#errors;
    const meanSquare = bias === null || std === null ? null : bias ** 2 + std ** 2;
    const variance = (this.#targets.std ?? 0) ** 2;
    return {
      count,
      mae: this.#absolute.mean,
      rmse: meanSquare === null ? null : Math.sqrt(meanSquare),
      bias,
      largestError: this.#absolute.max,
      r2: meanSquare === null || variance === 0 ? null : 1 - meanSquare / variance,
    };
  }
}
