import type { FeatureStep } from './feature-step.js';

/** `y[n] = b0 x[n] + b1 x[n-1] - a1 y[n-1]`. */
export interface FirstOrder {
  readonly b0: number;
  readonly b1: number;
  readonly a1: number;
}

/** The numbers of `scipy.signal.butter(1, cutoffHz, kind, fs=rateHz)`: the bilinear transform with its cutoff in place. */
export function butterworth(
  kind: 'highPass' | 'lowPass',
  cutoffHz: number,
  rateHz: number,
): FirstOrder {
  const warped = Math.tan((Math.PI * cutoffHz) / rateHz);
  const a1 = (warped - 1) / (warped + 1);
  return kind === 'lowPass'
    ? { b0: warped / (1 + warped), b1: warped / (1 + warped), a1 }
    : { b0: 1 / (1 + warped), b1: -1 / (1 + warped), a1 };
}

/**
 * Exponential smoothing `g = alpha g + (1 - alpha) x`, and what it leaves, `x - g`, which is
 * `alpha (y[n-1] + x[n] - x[n-1])`.
 */
export function smoothing(kind: 'highPass' | 'lowPass', alpha: number): FirstOrder {
  return kind === 'lowPass'
    ? { b0: 1 - alpha, b1: 0, a1: -alpha }
    : { b0: alpha, b1: -alpha, a1: -alpha };
}

/** Holds what of the first sample after a reset is still in the output once it counts as settled. */
const settledShare = 0.01;

/** A filter of first order of each place, into the same places or others. */
export class FirstOrderFilter implements FeatureStep {
  readonly settleSamples: number;
  readonly #from: readonly number[];
  readonly #to: readonly number[];
  readonly #filter: FirstOrder;
  readonly #isSettled: boolean;
  /** Output for an input that has been 1 for ever. */
  readonly #gain: number;
  readonly #lastInput: Float64Array;
  readonly #lastOutput: Float64Array;
  #isFirst = true;

  /** @param start `settled`: as if the first value had been there for ever; `zero`: as if there had been zeros */
  constructor(
    from: readonly number[],
    to: readonly number[],
    filter: FirstOrder,
    start: 'settled' | 'zero',
  ) {
    this.#from = from;
    this.#to = to;
    this.#filter = filter;
    this.#isSettled = start === 'settled';
    this.#gain = (filter.b0 + filter.b1) / (1 + filter.a1);
    this.settleSamples =
      filter.a1 === 0 ? 1 : Math.ceil(Math.log(settledShare) / Math.log(Math.abs(filter.a1)));
    this.#lastInput = new Float64Array(from.length);
    this.#lastOutput = new Float64Array(from.length);
  }

  apply(row: Float64Array): void {
    const { b0, b1, a1 } = this.#filter;
    for (let n = 0; n < this.#from.length; n += 1) {
      const input = row[this.#from[n] ?? 0] ?? 0;
      if (this.#isFirst && this.#isSettled) {
        this.#lastInput[n] = input;
        this.#lastOutput[n] = this.#gain * input;
      }
      const output = b0 * input + b1 * (this.#lastInput[n] ?? 0) - a1 * (this.#lastOutput[n] ?? 0);
      this.#lastInput[n] = input;
      this.#lastOutput[n] = output;
      row[this.#to[n] ?? 0] = output;
    }
    this.#isFirst = false;
  }

  reset(): void {
    this.#isFirst = true;
    this.#lastInput.fill(0);
    this.#lastOutput.fill(0);
  }
}
