import type { Log } from '../../../base/log.js';
import type { CommandHandler } from './commands.js';
import type { StreamOutline } from '../../prediction/stream-outline.js';
import type { OutboxRecord, RecordQueue } from './record.js';

/**
 * The side of the outbox that a publisher sees: it gives records, and is told what became of each. A
 * record that was taken is in flight until one of `delivered`, `drop` and `requeue`; a record that is not in flight
 * any more may be reported and is left alone. All calls return at once and do not throw.
 */
export interface RecordSource {
  /**
   * The record to send next, which is in flight from now on.
   *
   * @param isOpen which queues it may be of; one from the history comes where no new one waits; default: any
   * @returns undefined where there is none to send now; `Publisher.recordsReady` tells when there may be
   */
  take(isOpen?: (queue: RecordQueue) => boolean): OutboxRecord | undefined;
  /** The other side has acknowledged the record: it is its own to keep from now on. */
  delivered(record: OutboxRecord): void;
  /**
   * The record is given up: the other side said no for good, its limits are below the record's size, or the
   * connection was lost before it confirmed a record that must not be sent twice.
   */
  drop(record: OutboxRecord, reason: 'refused' | 'tooLarge' | 'lost'): void;
  /** The connection is lost: whatever is in flight waits again, before all else and in its order. */
  requeue(): void;
  /** How long a record is still worth delivering, milliseconds; negative when its time is over. */
  timeLeftMs(record: OutboxRecord): number;
  /** How long a record is worth delivering from when it was made, milliseconds. */
  readonly maxAgeMs: number;
  /** New records, not those of the history, that wait or are in flight. */
  readonly unsent: number;
}

/**
 * Something of which subscribers want the latest value alone, and want it as soon as they come. It is
 * no record: it is in no account, and an older value that still waits is forgotten.
 */
export type LatestValue =
  /** Counters of the device; a JSON object. */
  | { readonly kind: 'deviceHealth'; readonly payload: string }
  /** Counters of a stream; a JSON object. */
  | { readonly kind: 'health'; readonly stream: string; readonly payload: string }
  /** The last prediction of a stream and the state of each of its events; a JSON object. */
  | { readonly kind: 'now'; readonly stream: string; readonly payload: string }
  /** Model, engine and first state of a stream; a JSON object. */
  | {
      readonly kind: 'info';
      readonly stream: string;
      readonly payload: string;
      readonly outline: StreamOutline;
    };

/** For the health of the device; a publisher may add numbers of its own. */
export interface PublisherStats {
  /** True when records can be delivered now. */
  readonly connected: boolean;
  /** Connections since the start. */
  readonly connects: number;
  /** How often the other side has refused something. */
  readonly refusals: number;
}

/**
 * Takes records from the outbox to where they are wanted, such as a broker. It keeps the order in
 * which the source gives them, and takes no more than it can send at once: what waits is the source's.
 * None of its methods but `start` throws; what goes wrong is logged and tried again.
 */
export interface Publisher {
  /**
   * Starts connecting in the background and returns at once. May be called again.
   *
   * @throws LstmdError `config.invalid` for options that can never work
   */
  start(): void;
  /** The source may have records that it had not at the last `take`; called at any time. */
  recordsReady(): void;
  /** Publishes a latest value, now or with the next connection, and again with each that follows. */
  setLatest(value: LatestValue): void;
  /**
   * Sends the new records, then says goodbye and disconnects; what is in flight at the deadline is
   * given back to the source. No history is taken any more. May be called again, and before `start`.
   */
  stop(options: { readonly deadlineMs: number }): Promise<void>;
  readonly stats: PublisherStats;
}

/** The surroundings of a publisher, given to it when it is made. */
export interface PublisherContext {
  /** The device's directory on flash, where a publisher may keep what must outlive a restart; it need not be there. */
  readonly directory: string;
  /** The entries of `streams` in the configuration: streams, and templates of streams. */
  readonly entries: readonly string[];
  /** The interval at which `health` is set, seconds. */
  readonly healthSeconds: number;
  readonly records: RecordSource;
  /** Carries out commands; undefined where none are allowed. */
  readonly commands?: CommandHandler | undefined;
  readonly log: Log;
}
