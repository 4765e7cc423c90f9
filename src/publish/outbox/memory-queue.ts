import type { Accounts } from './accounts.js';
import { Deque } from './deque.js';
import {
  recordKinds,
  recordOverheadBytes,
  type DropReason,
  type OutboxRecord,
  type OverflowPolicy,
  type Qos,
  type RecordKind,
} from './record.js';

export interface MemoryQueueOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly policy: OverflowPolicy;
  readonly accounts: Accounts;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
}

/**
 * The records in memory: waiting, in flight or being written to disk. Bounded by bytes and age;
 * what is in flight or being written is not dropped.
 */
export class MemoryQueue {
  readonly #options: MemoryQueueOptions;
  /** Each in the order of the numbers. */
  readonly #waiting: Record<RecordKind, Deque<OutboxRecord>> = {
    event: new Deque(),
    prediction: new Deque(),
  };
  /** In the order of taking. */
  readonly #inFlight = new Set<OutboxRecord>();
  #offered = 0;
  #writing = 0;
  #bytes = 0;
  #waitingBytes = 0;

  constructor(options: MemoryQueueOptions) {
    this.#options = options;
  }

  /** Takes a new record, to which it may have to give up older ones. */
  offer(topic: string, payload: string, qos: Qos): void {
    const { accounts, maxBytes, monotonicMs } = this.#options;
    accounts.produced += 1;
    this.#offered += 1;
    // byteLength also flattens the rope that the payload was put together as.
    const bytes = Buffer.byteLength(payload) + recordOverheadBytes;
    if (bytes > maxBytes) {
      accounts.settle('tooLarge');
      return;
    }
    this.expire();
    const kind = topic.endsWith('/event') ? 'event' : 'prediction';
    this.#bytes += bytes;
    this.#waitingBytes += bytes;
    this.#waiting[kind].pushBack({
      topic,
      payload,
      qos,
      kind,
      offeredMs: monotonicMs(),
      bytes,
      number: this.#offered,
      history: false,
    });
    this.#shrink();
  }

  /** The oldest waiting record, which is in flight from now on; undefined when there is none. */
  take(): OutboxRecord | undefined {
    this.expire();
    const record = this.#pop(this.#oldest());
    if (record !== undefined) {
      this.#inFlight.add(record);
    }
    return record;
  }

  /** Ends the flight of a record; false where it is not in flight any more. */
  land(record: OutboxRecord): boolean {
    if (!this.#inFlight.delete(record)) {
      return false;
    }
    this.#bytes -= record.bytes;
    return true;
  }

  /** What was in flight waits again, in the order of the numbers. */
  requeue(): void {
    for (const record of [...this.#inFlight].toReversed()) {
      this.#push(record);
    }
    this.#inFlight.clear();
    this.#shrink();
  }

  /**
   * The oldest waiting records of a kind, which are being written from now on: none made after
   * `lastNumber`, and not more than `maxBytes` of them, but one at least.
   */
  takeBatch(kind: RecordKind, lastNumber: number, maxBytes: number): OutboxRecord[] {
    const batch: OutboxRecord[] = [];
    let bytes = 0;
    for (;;) {
      const next = this.#waiting[kind].peekFront();
      if (next === undefined || next.number > lastNumber) {
        break;
      }
      bytes += next.bytes;
      if (bytes > maxBytes && batch.length > 0) {
        break;
      }
      this.#pop(kind);
      batch.push(next);
    }
    this.#writing += batch.length;
    return batch;
  }

  /** A batch is on disk. */
  written(batch: readonly OutboxRecord[]): void {
    this.#writing -= batch.length;
    for (const { bytes } of batch) {
      this.#bytes -= bytes;
    }
  }

  /** A batch could not be written: it waits again, before all that came after it. */
  putBack(batch: readonly OutboxRecord[]): void {
    this.#writing -= batch.length;
    for (const record of batch.toReversed()) {
      this.#push(record);
    }
    this.#shrink();
  }

  /** Gives up what has waited too long. */
  expire(): void {
    const oldestMs = this.#options.monotonicMs() - this.#options.maxAgeMs;
    for (const kind of recordKinds) {
      while ((this.#waiting[kind].peekFront()?.offeredMs ?? Infinity) < oldestMs) {
        this.#drop(kind, 'expired');
      }
    }
  }

  get waiting(): number {
    return this.#waiting.event.length + this.#waiting.prediction.length;
  }

  /** Records that were ever offered: the number of the last one. */
  get offered(): number {
    return this.#offered;
  }

  /** Waiting, in flight or being written. */
  get pending(): number {
    return this.waiting + this.#inFlight.size + this.#writing;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** When the oldest that waits was made; Infinity when nothing does. */
  get oldestMs(): number {
    const kind = this.#oldest();
    return this.#waiting[kind].peekFront()?.offeredMs ?? Infinity;
  }

  #oldest(): RecordKind {
    const event = this.#waiting.event.peekFront();
    if (event === undefined) {
      return 'prediction';
    }
    const prediction = this.#waiting.prediction.peekFront();
    return prediction === undefined || event.number < prediction.number ? 'event' : 'prediction';
  }

  #shrink(): void {
    const { maxBytes, policy } = this.#options;
    while (this.#bytes > maxBytes && this.waiting > 0) {
      const keepsEvents = policy === 'keep-events' && this.#waiting.prediction.length > 0;
      this.#drop(keepsEvents ? 'prediction' : this.#oldest(), 'overflow');
    }
  }

  #drop(kind: RecordKind, reason: DropReason): void {
    const record = this.#pop(kind);
    if (record === undefined) {
      return;
    }
    this.#bytes -= record.bytes;
    this.#options.accounts.settle(reason);
  }

  #pop(kind: RecordKind): OutboxRecord | undefined {
    const record = this.#waiting[kind].popFront();
    if (record !== undefined) {
      this.#waitingBytes -= record.bytes;
    }
    return record;
  }

  #push(record: OutboxRecord): void {
    this.#waitingBytes += record.bytes;
    this.#waiting[record.kind].pushFront(record);
  }
}
