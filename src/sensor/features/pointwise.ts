import type { FeatureStep } from './feature-step.js';

/** `row[place] * factor + shift` of each place. */
export class Affine implements FeatureStep {
  readonly settleSamples = 0;
  readonly #places: readonly number[];
  readonly #factors: Float64Array;
  readonly #shifts: Float64Array;

  constructor(
    places: readonly number[],
    factors: readonly number[],
    shifts: readonly number[] = [],
  ) {
    this.#places = places;
    this.#factors = Float64Array.from(factors);
    this.#shifts = Float64Array.from(places, (_, index) => shifts[index] ?? 0);
  }

  apply(row: Float64Array): void {
    for (let n = 0; n < this.#places.length; n += 1) {
      const place = this.#places[n] ?? 0;
      row[place] = (row[place] ?? 0) * (this.#factors[n] ?? 1) + (this.#shifts[n] ?? 0);
    }
  }

  reset(): void {}
}

/** `(row[place] - mean) / std` of each place. */
export class Standardization implements FeatureStep {
  readonly settleSamples = 0;
  readonly #places: readonly number[];
  readonly #means: readonly number[];
  readonly #deviations: readonly number[];

  constructor(places: readonly number[], means: readonly number[], deviations: readonly number[]) {
    this.#places = places;
    this.#means = means;
    this.#deviations = deviations;
  }

  apply(row: Float64Array): void {
    for (let n = 0; n < this.#places.length; n += 1) {
      const place = this.#places[n] ?? 0;
      row[place] = ((row[place] ?? 0) - (this.#means[n] ?? 0)) / (this.#deviations[n] ?? 1);
    }
  }

  reset(): void {}
}

/** `numpy.clip(row[place], min, max)` of each place. */
export class Clip implements FeatureStep {
  readonly settleSamples = 0;
  readonly #places: readonly number[];
  readonly #min: number;
  readonly #max: number;

  constructor(places: readonly number[], min = -Infinity, max = Infinity) {
    this.#places = places;
    this.#min = min;
    this.#max = max;
  }

  apply(row: Float64Array): void {
    for (const place of this.#places) {
      row[place] = Math.min(Math.max(row[place] ?? 0, this.#min), this.#max);
    }
  }

  reset(): void {}
}

/** The Euclidean length of the places, into another one: `numpy.linalg.norm`. */
export class Magnitude implements FeatureStep {
  readonly settleSamples = 0;
  readonly #places: readonly number[];
  readonly #to: number;

  constructor(places: readonly number[], to: number) {
    this.#places = places;
    this.#to = to;
  }

  apply(row: Float64Array): void {
    let squares = 0;
    for (const place of this.#places) {
      squares += (row[place] ?? 0) ** 2;
    }
    row[this.#to] = Math.sqrt(squares);
  }

  reset(): void {}
}

/** `matrix @ v` of the values v in the places, in their place. */
export class Turn implements FeatureStep {
  readonly settleSamples = 0;
  readonly #places: readonly number[];
  readonly #matrix: Float64Array;
  readonly #old: Float64Array;

  /** @param matrix as many rows and columns as there are places */
  constructor(places: readonly number[], matrix: readonly (readonly number[])[]) {
    this.#places = places;
    this.#matrix = Float64Array.from(matrix.flat());
    this.#old = new Float64Array(places.length);
  }

  apply(row: Float64Array): void {
    const size = this.#places.length;
    for (let n = 0; n < size; n += 1) {
      this.#old[n] = row[this.#places[n] ?? 0] ?? 0;
    }
    for (let n = 0; n < size; n += 1) {
      let sum = 0;
      for (let m = 0; m < size; m += 1) {
        sum += (this.#matrix[n * size + m] ?? 0) * (this.#old[m] ?? 0);
      }
      row[this.#places[n] ?? 0] = sum;
    }
  }

  reset(): void {}
}
