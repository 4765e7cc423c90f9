/**
 * One step from readings to features. All steps work on one row of values in float64, each value in a place of its own
 * for the whole way; a step is told its places when it is made.
 */
export interface FeatureStep {
  /** Samples until what it remembers of the first one after `reset` is below a hundredth; 0 where it remembers nothing. */
  readonly settleSamples: number;
  /** Works on the row in place; allocates nothing. */
  apply(row: Float64Array): void;
  /** Forgets all samples: the next is as the first. */
  reset(): void;
}
