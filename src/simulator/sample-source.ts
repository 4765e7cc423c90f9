/** Rows of readings for a simulated sensor to send. */
export interface SampleSource {
  /** Readings a row. */
  readonly axes: number;
  /** The activity of the wearer or machine in the row last given; null where it is not known. */
  readonly label: string | null;
  /** Writes the next row; false when there is none, with `out` as it was. */
  next(out: Float32Array): boolean;
}
