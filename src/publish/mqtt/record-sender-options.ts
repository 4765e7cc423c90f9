import type { BackoffOptions } from '../../mqtt-client/backoff.js';
import type { RecordSource } from '../outbox/contract/publisher.js';
import type { OutboxRecord, RecordQueue } from '../outbox/contract/record.js';
import type { PacketSizeLimit } from './packet-size-limit.js';
import type { PublishScheme } from './publish-scheme.js';
import type { Session } from './session.js';

export interface RecordSenderOptions {
  readonly session: Session;
  /** Unacknowledged publishes at a time; the broker may allow fewer. */
  readonly inFlightLimit: number;
  readonly scheme: PublishScheme;
  readonly records: RecordSource;
  /** It outlives the connection. */
  readonly sizeLimit: PacketSizeLimit;
  /** How long to wait before what was refused is sent again. */
  readonly backoff: BackoffOptions;
  /** Returns whether records are sent at all. */
  readonly isSendingRecords: () => boolean;
  /** The next record to send, of an open queue; undefined where there is none. */
  readonly takeRecord: (isOpen: (queue: RecordQueue) => boolean) => OutboxRecord | undefined;
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
