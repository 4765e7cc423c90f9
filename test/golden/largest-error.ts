import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

/** The largest distance of computed numbers from expected ones, and where it is. */
export class LargestError {
  readonly #tolerance: number;
  #distance = 0;
  #place = '';

  /** @param tolerance the largest distance that is accepted, absolute */
  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  /**
   * Compares element by element; fails at once where one is too far, is missing or is NaN.
   *
   * @param place names the row in messages
   */
  compare(actual: ArrayLike<number>, expected: readonly number[], place: string): void {
    assert.equal(actual.length, expected.length, `${place}: length`);
    for (const [i, value] of expected.entries()) {
      const distance = Math.abs((actual[i] ?? Number.NaN) - value);
      assert.ok(
        distance <= this.#tolerance,
        `${place}[${i}]: ${actual[i]} is ${distance} from ${value}, more than ${this.#tolerance}`,
      );
      if (this.#place === '' || distance > this.#distance) {
        this.#distance = distance;
        this.#place = `${place}[${i}]`;
      }
    }
  }

  /** Prints the largest distance beside the test's result. */
  report(t: TestContext): void {
    const distance = this.#distance.toExponential(1);
    t.diagnostic(`largest error ${distance} at ${this.#place}, of ${this.#tolerance} allowed`);
  }
}
