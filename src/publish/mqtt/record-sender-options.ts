import type { BackoffOptions } from '../../mqtt-client/backoff.js';
import type { RecordSource } from '../outbox/contract/publisher.js';
import type { OutboxRecord, RecordLane } from '../outbox/contract/record.js';
import type { PacketSizeLimit } from './packet-size-limit.js';
import type { Encode } from './record-message.js';
import type { RetainedValues } from './retained-values.js';
import type { Session } from './session.js';
import type { Topics } from './topics.js';

export interface RecordSenderOptions {
  readonly session: Session;
  /** Unacknowledged publishes at a time; the broker may allow fewer. */
  readonly inFlightLimit: number;
  readonly topics: Topics;
  readonly retained: RetainedValues;
  readonly records: RecordSource;
  /** Returns how the records of a stream are written; undefined for JSON. */
  readonly encodeOf: (stream: string) => Encode | undefined;
  /** It outlives the connection. */
  readonly sizeLimit: PacketSizeLimit;
  /** How long to wait before what was refused is sent again. */
  readonly backoff: BackoffOptions;
  /** Returns whether records are sent at all. */
  readonly isSendingRecords: () => boolean;
  /** The next record to send, of an open lane; undefined where there is none. */
  readonly takeRecord: (isOpen: (lane: RecordLane) => boolean) => OutboxRecord | undefined;
  /** Told of each publish that the broker refused, and whether it is tried again. */
  readonly refused: (topic: string, reason: string, isTriedAgain: boolean) => void;
  /** Told of each publish that is larger than the broker takes, and was left out. */
  readonly tooLarge: (publish: TooLarge) => void;
  /** Told of each publish that is done, delivered or refused. */
  readonly settled: () => void;
}

/** A publish that is larger than the broker takes. */
export interface TooLarge {
  readonly topic: string;
  readonly isRetained: boolean;
  readonly bytes: number;
  readonly maximumBytes: number;
}
