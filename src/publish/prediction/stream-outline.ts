import type { PublishedMember } from './heads/published-member.js';

/** Ways to write a record: as JSON text, or as CBOR of the same members. */
export type PayloadFormat = 'json' | 'cbor';

/** Holds what the records of a stream hold, for publishers that must say it before the first one comes. */
export interface StreamOutline {
  /** The entry of the configuration that it is of: the stream itself, or its template. */
  readonly entry: string;
  /** The single numbers and names of a prediction, by their paths from its JSON object. */
  readonly members: readonly PublishedMember[];
  /** The names of the events. */
  readonly events: readonly string[];
  /** The longest nominal time from one prediction to the next, milliseconds. */
  readonly periodMs: number;
  /** How its predictions and events are written. */
  readonly format: PayloadFormat;
  /** The least time from one value of `now` to the next, seconds; 0 where it is not published. */
  readonly nowSeconds: number;
}
