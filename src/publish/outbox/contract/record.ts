import type { RecordKind, StreamRecord } from '../../prediction/record.js';

/** Says which record is dropped where there is no room: the oldest, or the oldest prediction before any event. */
export type OverflowPolicy = 'drop-oldest' | 'keep-events';

/** Why a record was given up. */
export type DropReason =
  /** It made room within the bounds in bytes. */
  | 'overflow'
  /** It was older than the bound in age. */
  | 'expired'
  /** It is larger than the outbox, or than the broker takes. */
  | 'tooLarge'
  /** The broker said no to it. */
  | 'refused'
  /**
   * It is no longer readable on disk, had no room there at the end of the process, or was sent at QoS 0 on a
   * connection that broke before the broker had confirmed it.
   */
  | 'lost'
  /**
   * It was in memory when the process was killed: nobody knows any more whether it had been sent, and whether the
   * broker got it.
   */
  | 'unconfirmed';

/** A record that waits for its delivery. */
export interface OutboxRecord extends StreamRecord {
  /** When it was made: milliseconds of a clock that nobody sets, negative where that was before it began. */
  readonly madeMs: number;
  /**
   * Epoch time less that clock's, as the time in its payload was made by; null where the clock cannot tell
   * any more whether the wall clock was set since.
   */
  readonly offsetMs: number | null;
  /** Memory that it takes. */
  readonly bytes: number;
  /** The number in this process of a record in memory; the position in the log of one from disk. */
  readonly number: number;
  /** It was on disk: subscribers are told that it is history, not news. */
  readonly isHistory: boolean;
}

/** Records that are taken in one order: the new ones of a kind, or those from disk. */
export type RecordQueue = RecordKind | 'history';

export function queueOf({ kind, isHistory }: OutboxRecord): RecordQueue {
  return isHistory ? 'history' : kind;
}

/**
 * Memory of a record beside its payload: the object, its place in the queue, the string's header. A
 * packet's header, topic and properties are about as much.
 */
export const recordOverheadBytes = 128;
