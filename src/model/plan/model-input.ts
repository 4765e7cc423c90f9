/** An input of a model that has a time axis, and the features of a sample that flow into it. */
export interface ModelInput {
  readonly name: string;
  /** Indices among the features of a sample, in the order of the input's own. */
  readonly features: readonly number[];
}

/** A feature that is a row of an Embedding's table: a whole number from 0. A sample with any other is refused. */
export interface IndexFeature {
  readonly feature: number;
  /** The first number that is too large. */
  readonly below: number;
}
