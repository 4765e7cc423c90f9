import type { Unit } from '../../sensor/decoders/decoder.js';

/** Gives the bytes of one row, as a sensor of one format sends them; may reuse its array. */
export type Encoder = (row: Float32Array) => Uint8Array;

/** Holds what a sensor that speaks only when it is asked makes of what it hears. */
export interface Answering {
  /**
   * The answers to the requests that end in these bytes, cut anywhere.
   *
   * @param row the bytes that the encoder made of the latest row
   */
  answers(heard: Uint8Array, row: Uint8Array): Uint8Array[];
}

/** A format that a simulated sensor can speak; `registry.ts` lists them. */
export interface EncoderDefinition {
  /** The name of the decoder that reads it, and behind a colon that of a variant. */
  readonly name: string;
  /** The options of that decoder with which it reads the axes as they were written. */
  readonly options: (axes: readonly string[]) => Readonly<Record<string, unknown>>;
  /** The unit in which rows are to be given, acceleration first; undefined where the format has none. */
  readonly unit?: Extract<Unit, 'g' | 'm/s2'> | undefined;
  /** Counts that the format's rows have for 1 g, where they are to be given as such. */
  readonly countsInG?: number | undefined;
  /** Two readings that differ by less may become the same bytes; 0 where float32 is kept. */
  readonly resolution: number;
  /** The most axes that a row of it can have; undefined where any number is good. */
  readonly mostAxes?: number | undefined;
  /**
   * An encoder for one sensor: a format with a sequence number counts from here.
   *
   * @param periodMs from one row to the next, for a format with the sensor's own time; `usualPeriodMs` without it
   */
  readonly create: (axes: number, periodMs?: number) => Encoder;
  /** How its rows are asked for; undefined where the sensor sends them by itself. */
  readonly answering?: (() => Answering) | undefined;
}

/** 100 rows a second. */
export const usualPeriodMs = 10;

/** Decoder options of a format that has none. */
export function noOptions(): Readonly<Record<string, unknown>> {
  return {};
}

/** A number as the whole one nearest to it that a signed integer of so many bits can hold, as a sensor clips. */
export function clipped(value: number, bits: number): number {
  const most = 2 ** (bits - 1) - 1;
  return Math.max(-most - 1, Math.min(most, Math.round(value)));
}
