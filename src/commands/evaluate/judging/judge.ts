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
  output(rows: Float32Array, offset: number, isWarm: boolean, label: number): void;
  /** A sample that has none. */
  noOutput(): void;
}
