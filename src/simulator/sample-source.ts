/** Rows of readings for a simulated sensor to send. */
export interface SampleSource {
  /** Readings a row. */
  readonly axes: number;
  /** What the wearer or machine was doing in the row last given, where that is known. */
  readonly label: string | null;
  /** Writes the next row; false when there is none, with `out` as it was. */
  next(out: Float32Array): boolean;
}
