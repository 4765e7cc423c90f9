export type Qos = 0 | 1 | 2;

/** What a record tells of; the last level of its topic. */
export const recordKinds = ['event', 'prediction'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** What goes where there is no room for all: the oldest, or the oldest predictions before any event. */
export type OverflowPolicy = 'drop-oldest' | 'keep-events';

/** Why a record was given up. */
export type DropReason =
  /** To make room within the bounds in bytes. */
  | 'overflow'
  /** Older than the bound in age. */
  | 'expired'
  /** Larger than the outbox, or than the broker takes. */
  | 'tooLarge'
  /** The broker said no to it. */
  | 'refused'
  /** In memory when the process was killed, or no longer readable on disk: not known to be delivered. */
  | 'lost';

/** A message on its way to the broker. */
export interface OutboxRecord {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly kind: RecordKind;
  /** When it was made: monotonic milliseconds of this process, negative for those of an earlier one. */
  readonly offeredMs: number;
  /** Memory that it takes. */
  readonly bytes: number;
  /** Of a record in memory, its number in this process; of one from disk, its position there. */
  readonly number: number;
  /** It was on disk, and goes to the history topic. */
  readonly history: boolean;
}

/**
 * Memory of a record beside its payload: the object, its place in the ring, the string's header. A
 * packet's header, topic and properties are about as much.
 */
export const recordOverheadBytes = 128;
