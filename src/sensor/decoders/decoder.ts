/** Takes what a decoder makes of the bytes, in their order. */
export interface RowSink {
  /**
   * Consecutive raw readings.
   *
   * @param values `count x axes`, row-major, in the order of the configured axes; finite; reused
   *   by the decoder after the call, and may be longer than that
   */
  rows(values: Float32Array, count: number): void;
  /** This many rows arrived here and could not be read: what follows does not join what came before. */
  lost(count: number): void;
}

/** Bytes of a link to rows of raw readings; one per stream, since it keeps the unfinished end. */
export interface Decoder {
  /** Readings a row. */
  readonly axes: number;
  /** What became of everything so far, by name; only ever counts up. */
  readonly counters: Readonly<Record<string, number>>;
  /** Why the last lost row was lost, in its own words and with the way out; undefined when none was. */
  readonly rejection: string | undefined;
  /**
   * Forgets the unfinished end, after the link was (re)opened.
   *
   * @param midStream true when the next byte may lie within a line or frame: the tail of one is
   *   discarded, for `23,45,981` out of `123,45,981` would be a wrong sample
   */
  reset(midStream: boolean): void;
  /** Takes the next bytes, cut anywhere. The chunk may be reused after the call. */
  push(chunk: Uint8Array, sink: RowSink): void;
}
