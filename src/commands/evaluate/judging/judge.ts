/** Holds what the samples of a recording should give. */
export interface Targets {
  /** For each sample as many numbers as the model has values; NaN where a sample has none. */
  readonly values: Float64Array;
  /** Says where those of the sample begin. */
  readonly at: number;
}

/** Judges the outputs of one mode, in the order of the samples. */
export interface Judge {
  /** A recording begins, with the state of a stream that has just begun. */
  begin(recording: number): void;
  /**
   * A sample that has an output.
   *
   * @param rows outputs; this row begins at `offset`
   * @param label the class that it should be, or `noLabel`
   */
  output(
    rows: Float32Array,
    offset: number,
    isWarm: boolean,
    label: number,
    targets: Targets,
  ): void;
  /** A sample that has none. */
  noOutput(): void;
}

/** A number of a row of outputs, as it is published or as it should be. */
export interface NamedNumber {
  readonly name: string;
  /** Index of the number that should be this one; undefined where it is one that the model gave. */
  readonly targetOf?: number;
  /** Undefined where the row has none. */
  read(rows: Float32Array, offset: number, targets: Targets): number | undefined;
}
