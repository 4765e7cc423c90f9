/** Holds what a model was trained on: the mean and the standard deviation of each feature. */
export interface ExpectedFeatures {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** Says where the numbers come from, for a message: `the layer "normalization"`, `features.mean and features.std`. */
  readonly source: string;
  /**
   * Given where both are known to a factor only: so many deviations are too far, and features that are too small
   * cannot be told.
   */
  readonly mostDeviations?: number;
}

/** A feature that is far from what is expected, over many samples. */
export interface StrangeFeature {
  /** Index of the feature, and of its axis. */
  readonly feature: number;
  /** Its mean over these samples. */
  readonly mean: number;
  /** Its mean distance from the expected mean, in expected deviations. */
  readonly deviations: number;
}

/**
 * Features are so far from the expected mean on the average only where the units are others: of trained motions the
 * fastest reach 3 or 4 deviations for long, and m/s2 in place of g are 9.8 times as far.
 */
const mostDeviations = 6;

/**
 * The expected means may outweigh the deviations, as with gravity: then features of so small a share of the expected
 * size are in other units too: the force at rest is never less.
 */
const leastSize = 0.25;

/** Compares the features of a stream with those that its model was trained on. */
export class FeatureCheck {
  readonly expected: ExpectedFeatures;
  readonly #sums: Float64Array;
  readonly #distances: Float64Array;
  readonly #samples: number;
  /** Features whose squares are less than this on the average are too small; 0 where none are. */
  readonly #leastSquare: number;
  #squares = 0;
  #count = 0;

  /** @param samples how many are looked at together */
  constructor(expected: ExpectedFeatures, samples: number) {
    this.expected = expected;
    this.#samples = samples;
    this.#sums = new Float64Array(expected.mean.length);
    this.#distances = new Float64Array(expected.mean.length);
    const ofMeans = expected.mean.reduce((sum, mean) => sum + mean ** 2, 0);
    const ofDeviations = expected.deviation.reduce((sum, deviation) => sum + deviation ** 2, 0);
    const isExact = expected.mostDeviations === undefined;
    this.#leastSquare =
      isExact && ofMeans > ofDeviations ? leastSize ** 2 * (ofMeans + ofDeviations) : 0;
  }

  /**
   * Takes samples, and looks at them whenever there are enough.
   *
   * @param values `count x features`, row-major; may be longer
   * @returns the strangest feature; null when none is; undefined when there were not enough samples to look at
   */
  add(values: Float32Array, count: number): StrangeFeature | null | undefined {
    const { mean, deviation } = this.expected;
    const features = mean.length;
    const end = count * features;
    let squares = 0;
    for (let feature = 0; feature < features; feature += 1) {
      const expectedMean = mean[feature] ?? 0;
      let sum = 0;
      let distance = 0;
      for (let at = feature; at < end; at += features) {
        const value = values[at] ?? 0;
        distance += Math.abs(value - expectedMean);
        squares += value * value;
        sum += value;
      }
      this.#sums[feature] = (this.#sums[feature] ?? 0) + sum;
      this.#distances[feature] =
        (this.#distances[feature] ?? 0) + distance / (deviation[feature] ?? 1);
    }
    this.#squares += squares;
    this.#count += count;
    return this.#count < this.#samples ? undefined : this.#look();
  }

  #look(): StrangeFeature | null {
    let feature = 0;
    for (let other = 1; other < this.#distances.length; other += 1) {
      if ((this.#distances[other] ?? 0) > (this.#distances[feature] ?? 0)) {
        feature = other;
      }
    }
    const deviations = (this.#distances[feature] ?? 0) / this.#count;
    const mean = (this.#sums[feature] ?? 0) / this.#count;
    const isSmall = this.#squares / this.#count < this.#leastSquare;
    this.#count = 0;
    this.#squares = 0;
    this.#sums.fill(0);
    this.#distances.fill(0);
    return deviations > (this.expected.mostDeviations ?? mostDeviations) || isSmall
      ? { feature, mean, deviations }
      : null;
  }
}
