/** Gives the bytes of one row, as a sensor of one format sends them; may reuse its array. */
export type Encoder = (row: Float32Array) => Uint8Array;

/** A format that a simulated sensor can speak; `registry.ts` lists them. */
export interface EncoderDefinition {
  /** The name of the decoder that reads it. */
  readonly name: string;
  /** The options of that decoder with which it reads whole numbers as they were written. */
  readonly options: Readonly<Record<string, unknown>>;
  /** An encoder for one sensor: a format with a sequence number counts from here. */
  readonly create: () => Encoder;
}
