/** The kinds of records: an output of the model, or a threshold that an output crossed. */
export const recordKinds = ['event', 'prediction'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** How surely a record is delivered: 0 at most once, 1 at least once, 2 exactly once by a connection. */
export type Qos = 0 | 1 | 2;

/** One message for the subscribers of a stream. What it is called on the wire, its publisher decides. */
export interface StreamRecord {
  /** Name of the stream. */
  readonly stream: string;
  readonly kind: RecordKind;
  /** A JSON object. */
  readonly payload: string;
  readonly qos: Qos;
}
