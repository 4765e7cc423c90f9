import type { LatestValue } from '../outbox/contract/publisher.js';
import type { OutboxRecord } from '../outbox/contract/record.js';
import type { Qos } from '../prediction/record.js';
import type { RetainedValue } from './retained-values.js';
import type { Session } from './session.js';

/** A record as it is written on the wire. */
export interface WrittenRecord {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: Qos;
}

/** Says which topics there are, and what is written on them: JSON, or Sparkplug B. It outlives connections. */
export interface PublishScheme {
  readonly will: {
    readonly topic: string;
    readonly isRetained: boolean;
    /** Payload of the last will of a connection that is made now. */
    readonly payload: () => string | Uint8Array;
  };
  /** There is a new connection, over which nothing was sent yet. */
  connected(session: Session): void;
  setLatest(value: LatestValue): void;
  /** Says goodbye, after all else that is to be sent before records. */
  signOff(): void;
  /** Returns a value that is to be sent before any record; undefined where nothing is. */
  next(): RetainedValue | undefined;
  /** Returns the record as it is sent now; undefined where `next` must be sent first. */
  write(record: OutboxRecord): WrittenRecord | undefined;
  /** The record that was written last is on the connection. */
  recordSent(): void;
  topicOf(record: OutboxRecord): string;
  /** Says in the log what was only counted so far. */
  flush(): void;
}
