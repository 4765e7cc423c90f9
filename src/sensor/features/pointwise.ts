import type { FeatureStep } from './feature-step.js';

/** `row[slot] * factor + shift` of each slot. */
export class Affine implements FeatureStep {
  readonly settleSamples = 0;
  readonly #slots: readonly number[];
  readonly #factors: Float64Array;
  readonly #shifts: Float64Array;

  constructor(
    slots: readonly number[],
    factors: readonly number[],
    shifts: readonly number[] = [],
  ) {
    this.#slots = slots;
    this.#factors = Float64Array.from(factors);
    this.#shifts = Float64Array.from(slots, (_, index) => shifts[index] ?? 0);
  }

  apply(row: Float64Array): void {
    for (let n = 0; n < this.#slots.length; n += 1) {
      const slot = this.#slots[n] ?? 0;
      row[slot] = (row[slot] ?? 0) * (this.#factors[n] ?? 1) + (this.#shifts[n] ?? 0);
    }
  }

  reset(): void {}
}

/** `(row[slot] - mean) / std` of each slot. */
export class Standardization implements FeatureStep {
  readonly settleSamples = 0;
  readonly #slots: readonly number[];
  readonly #means: readonly number[];
  readonly #deviations: readonly number[];

  constructor(slots: readonly number[], means: readonly number[], deviations: readonly number[]) {
    this.#slots = slots;
    this.#means = means;
    this.#deviations = deviations;
  }

  apply(row: Float64Array): void {
    for (let n = 0; n < this.#slots.length; n += 1) {
      const slot = this.#slots[n] ?? 0;
      row[slot] = ((row[slot] ?? 0) - (this.#means[n] ?? 0)) / (this.#deviations[n] ?? 1);
    }
  }

  reset(): void {}
}

/** `numpy.clip(row[slot], min, max)` of each slot. */
export class Clip implements FeatureStep {
  readonly settleSamples = 0;
  readonly #slots: readonly number[];
  readonly #min: number;
  readonly #max: number;

  constructor(slots: readonly number[], min = -Infinity, max = Infinity) {
    this.#slots = slots;
    this.#min = min;
    this.#max = max;
  }

  apply(row: Float64Array): void {
    for (const slot of this.#slots) {
      row[slot] = Math.min(Math.max(row[slot] ?? 0, this.#min), this.#max);
    }
  }

  reset(): void {}
}

/** The Euclidean length of the slots, into another one: `numpy.linalg.norm`. */
export class Magnitude implements FeatureStep {
  readonly settleSamples = 0;
  readonly #slots: readonly number[];
  readonly #to: number;

  constructor(slots: readonly number[], to: number) {
    this.#slots = slots;
    this.#to = to;
  }

  apply(row: Float64Array): void {
    let squares = 0;
    for (const slot of this.#slots) {
      squares += (row[slot] ?? 0) ** 2;
    }
    row[this.#to] = Math.sqrt(squares);
  }

  reset(): void {}
}

/** `matrix @ v` of the values v in the slots, in their place. */
export class Turn implements FeatureStep {
  readonly settleSamples = 0;
  readonly #slots: readonly number[];
  readonly #matrix: Float64Array;
  readonly #old: Float64Array;

  /** @param matrix as many rows and columns as there are slots */
  constructor(slots: readonly number[], matrix: readonly (readonly number[])[]) {
    this.#slots = slots;
    this.#matrix = Float64Array.from(matrix.flat());
    this.#old = new Float64Array(slots.length);
  }

  apply(row: Float64Array): void {
    const size = this.#slots.length;
    for (let n = 0; n < size; n += 1) {
      this.#old[n] = row[this.#slots[n] ?? 0] ?? 0;
    }
    for (let n = 0; n < size; n += 1) {
      let sum = 0;
      for (let m = 0; m < size; m += 1) {
        sum += (this.#matrix[n * size + m] ?? 0) * (this.#old[m] ?? 0);
      }
      row[this.#slots[n] ?? 0] = sum;
    }
  }

  reset(): void {}
}
