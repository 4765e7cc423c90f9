import type { FeatureStep } from './feature-step.js';

/** `x[n] - x[n-1]` of each place, and 0 for the first sample: `numpy.diff(x, axis=0, prepend=x[:1])`. */
export class Difference implements FeatureStep {
  readonly settleSamples = 1;
  readonly #from: readonly number[];
  readonly #to: readonly number[];
  readonly #last: Float64Array;
  #isFirst = true;

  constructor(from: readonly number[], to: readonly number[]) {
    this.#from = from;
    this.#to = to;
    this.#last = new Float64Array(from.length);
  }

  apply(row: Float64Array): void {
    for (let n = 0; n < this.#from.length; n += 1) {
      const value = row[this.#from[n] ?? 0] ?? 0;
      row[this.#to[n] ?? 0] = this.#isFirst ? 0 : value - (this.#last[n] ?? 0);
      this.#last[n] = value;
    }
    this.#isFirst = false;
  }

  reset(): void {
    this.#isFirst = true;
  }
}
