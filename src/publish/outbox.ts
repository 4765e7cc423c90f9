import { Deque } from './deque.js';

export type Qos = 0 | 1 | 2;

/** Why a record was given up. */
export type DropReason =
  /** The oldest, to make room within `maxBytes`. */
  | 'overflow'
  /** Older than `maxAgeMs`. */
  | 'expired'
  /** Larger than the outbox, or than the broker takes. */
  | 'tooLarge'
  /** The broker said no to it. */
  | 'refused';

/** A message on its way to the broker. */
export interface OutboxRecord {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  /** Monotonic, milliseconds. */
  readonly offeredMs: number;
  readonly bytes: number;
}

export interface OutboxOptions {
  /** Bound of what waits and is in flight, in memory. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs?: () => number;
}

export interface OutboxStats {
  readonly produced: number;
  readonly delivered: number;
  /** Waiting or in flight. */
  readonly pending: number;
  readonly inFlight: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly bytes: number;
}

/**
 * Memory of a record beside its payload: the object, its place in the ring, the string's header. A
 * packet's header, topic and properties are about as much.
 */
const recordOverheadBytes = 128;

/**
 * What is to be delivered, in order. Bounded by bytes and age; over the bound the oldest
 * goes. At all times `produced = delivered + pending + dropped`, and every record is in
 * exactly one of these.
 */
export class Outbox {
  readonly maxAgeMs: number;
  readonly #maxBytes: number;
  readonly #monotonicMs: () => number;
  readonly #waiting = new Deque<OutboxRecord>();
  /** In the order of taking. */
  readonly #inFlight = new Set<OutboxRecord>();
  readonly #dropped: Record<DropReason, number> = {
    overflow: 0,
    expired: 0,
    tooLarge: 0,
    refused: 0,
  };
  #produced = 0;
  #delivered = 0;
  #bytes = 0;

  constructor(options: OutboxOptions) {
    this.#maxBytes = options.maxBytes;
    this.maxAgeMs = options.maxAgeMs;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** Takes a new record, to which it may have to give up older ones. */
  offer(topic: string, payload: string, qos: Qos): void {
    this.#produced += 1;
    // byteLength also flattens the rope that the payload was put together as.
    const bytes = Buffer.byteLength(payload) + recordOverheadBytes;
    if (bytes > this.#maxBytes) {
      this.#dropped.tooLarge += 1;
      return;
    }
    this.#expire();
    this.#waiting.pushBack({ topic, payload, qos, offeredMs: this.#monotonicMs(), bytes });
    this.#bytes += bytes;
    this.#shrink();
  }

  /** The oldest waiting record, which is in flight from now on; undefined when there is none. */
  take(): OutboxRecord | undefined {
    this.#expire();
    const record = this.#waiting.popFront();
    if (record !== undefined) this.#inFlight.add(record);
    return record;
  }

  /** The broker has it. A record that is not in flight any more is left alone. */
  delivered(record: OutboxRecord): void {
    if (!this.#land(record)) return;
    this.#delivered += 1;
  }

  /** Gives up a record in flight. */
  drop(record: OutboxRecord, reason: DropReason): void {
    if (!this.#land(record)) return;
    this.#dropped[reason] += 1;
  }

  /** The connection is gone: what was in flight waits again, before all else and in its order. */
  requeue(): void {
    for (const record of [...this.#inFlight].toReversed()) this.#waiting.pushFront(record);
    this.#inFlight.clear();
    this.#shrink();
  }

  /** Age of a record, milliseconds. */
  ageMs(record: OutboxRecord): number {
    return this.#monotonicMs() - record.offeredMs;
  }

  /** Waiting or in flight. */
  get pending(): number {
    return this.#waiting.length + this.#inFlight.size;
  }

  get stats(): OutboxStats {
    return {
      produced: this.#produced,
      delivered: this.#delivered,
      pending: this.pending,
      inFlight: this.#inFlight.size,
      dropped: { ...this.#dropped },
      bytes: this.#bytes,
    };
  }

  #land(record: OutboxRecord): boolean {
    if (!this.#inFlight.delete(record)) return false;
    this.#bytes -= record.bytes;
    return true;
  }

  #shrink(): void {
    while (this.#bytes > this.#maxBytes && this.#waiting.length > 0) this.#dropFront('overflow');
  }

  #expire(): void {
    const oldestMs = this.#monotonicMs() - this.maxAgeMs;
    while ((this.#waiting.peekFront()?.offeredMs ?? Infinity) < oldestMs) {
      this.#dropFront('expired');
    }
  }

  #dropFront(reason: DropReason): void {
    const record = this.#waiting.popFront();
    if (record === undefined) return;
    this.#bytes -= record.bytes;
    this.#dropped[reason] += 1;
  }
}
