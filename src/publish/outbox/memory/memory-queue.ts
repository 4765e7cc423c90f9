import { clockIsSetMs, clockStep } from '../../../base/clock-step.js';
import { datedPayload } from '../../prediction/dated-payload.js';
import { recordKinds, type RecordKind, type StreamRecord } from '../../prediction/record.js';
import type { Accounts } from '../contract/accounts.js';
import {
  recordOverheadBytes,
  type DropReason,
  type OutboxRecord,
  type OverflowPolicy,
} from '../contract/record.js';
import { DoubleEndedQueue } from './double-ended-queue.js';

export interface MemoryQueueOptions {
  /** Bound of all records in memory, each with `recordOverheadBytes`. */
  readonly maxBytes: number;
  /** A record that waits longer is dropped. */
  readonly maxAgeMs: number;
  readonly policy: OverflowPolicy;
  readonly accounts: Accounts;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
  /** Wall time, epoch milliseconds. */
  readonly now: () => number;
}

/** A record in flight. */
interface TakenRecord extends OutboxRecord {
  /** The record as it waited; only where its time was corrected when it was taken. */
  readonly waited?: OutboxRecord;
}

/**
 * The records in memory: waiting, in flight or being written to disk. They are bounded by bytes and by
 * age; a record that is in flight or being written is not dropped.
 */
export class MemoryQueue {
  readonly #options: MemoryQueueOptions;
  /** Each queue is in the order of the records' numbers. */
  readonly #waiting: Record<RecordKind, DoubleEndedQueue<OutboxRecord>> = {
    event: new DoubleEndedQueue(),
    prediction: new DoubleEndedQueue(),
  };
  /** The records as they were taken, in that order. */
  readonly #inFlight = new DoubleEndedQueue<TakenRecord>();
  #offered = 0;
  #writing = 0;
  #bytes = 0;
  #waitingBytes = 0;

  constructor(options: MemoryQueueOptions) {
    this.#options = options;
  }

  /** Takes in a new record; older ones are dropped where there is no room for it. */
  offer({ stream, kind, payload, qos }: StreamRecord): void {
    const { accounts, maxBytes, monotonicMs, now } = this.#options;
    accounts.produced += 1;
    this.#offered += 1;
    // The payload was concatenated: byteLength also makes one flat string of its parts.
    const bytes = Buffer.byteLength(payload) + recordOverheadBytes;
    if (bytes > maxBytes) {
      accounts.settle('tooLarge');
      return;
    }
    this.#bytes += bytes;
    this.#waitingBytes += bytes;
    const madeMs = monotonicMs();
    this.#waiting[kind].pushBack({
      stream,
      kind,
      payload,
      qos,
      madeMs,
      offsetMs: now() - madeMs,
      bytes,
      number: this.#offered,
      isHistory: false,
    });
    this.#shrink();
  }

  /** The oldest waiting record of the open kinds, which is in flight from now on; undefined when there is none. */
  take(isOpen: (kind: RecordKind) => boolean = () => true): OutboxRecord | undefined {
    const nowMs = this.#options.monotonicMs();
    this.#expire(nowMs);
    const oldest = this.#oldest();
    const kind = isOpen(oldest) ? oldest : oldest === 'event' ? 'prediction' : 'event';
    const waited = isOpen(kind) ? this.#pop(kind) : undefined;
    if (waited === undefined) {
      return undefined;
    }
    const record = this.#dated(waited, nowMs);
    this.#inFlight.pushBack(record);
    return record;
  }

  /** Takes a record that is in flight out of memory; false where it is not in flight any more. */
  remove(record: OutboxRecord): boolean {
    if (!this.#inFlight.remove(record)) {
      return false;
    }
    this.#bytes -= record.bytes;
    return true;
  }

  /** Whatever is in flight waits again, in the order of the numbers. */
  requeue(): void {
    for (;;) {
      const record = this.#inFlight.popBack();
      if (record === undefined) {
        break;
      }
      this.#push(record.waited ?? record);
    }
    this.#shrink();
  }

  /**
   * The oldest waiting records of a kind, which are being written from now on.
   *
   * @param lastNumber no record with a higher number is taken
   * @param maxBytes bound of their bytes; a single record may be above it
   * @returns an empty array where none waits
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

  /** Takes a batch that is on disk now out of memory. */
  written(batch: readonly OutboxRecord[]): void {
    this.#writing -= batch.length;
    for (const { bytes } of batch) {
      this.#bytes -= bytes;
    }
  }

  /** Has a batch that could not be written wait again, before all that came after it. */
  putBack(batch: readonly OutboxRecord[]): void {
    this.#writing -= batch.length;
    for (const record of batch.toReversed()) {
      this.#push(record);
    }
    this.#shrink();
  }

  /** Drops what has waited too long. */
  expire(): void {
    this.#expire(this.#options.monotonicMs());
  }

  /** Drops all that wait, as lost; returns how many these were. */
  giveUp(): number {
    const { waiting } = this;
    for (const kind of recordKinds) {
      while (this.#waiting[kind].length > 0) {
        this.#drop(kind, 'lost');
      }
    }
    return waiting;
  }

  /** Number of records that wait. */
  get waiting(): number {
    return this.#waiting.event.length + this.#waiting.prediction.length;
  }

  /** Number of records that were ever offered, which is the number of the last one. */
  get offered(): number {
    return this.#offered;
  }

  /** Number of records that wait, are in flight or are being written. */
  get pending(): number {
    return this.waiting + this.#inFlight.length + this.#writing;
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Bytes of all records in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** When the oldest record that waits was made, monotonic milliseconds; Infinity where none waits. */
  get oldestMs(): number {
    const kind = this.#oldest();
    return this.#waiting[kind].peekFront()?.madeMs ?? Infinity;
  }

  /** The record with its time as the wall clock has it now: it may have been set since the record was made. */
  #dated(record: OutboxRecord, nowMs: number): TakenRecord {
    const offsetMs = this.#options.now() - nowMs;
    const stepMs = clockStep(record.offsetMs ?? offsetMs, offsetMs);
    const isUncertain = record.madeMs + offsetMs < clockIsSetMs;
    return stepMs === 0 && !isUncertain
      ? record
      : {
          ...record,
          payload: datedPayload(record.payload, stepMs, isUncertain),
          waited: record,
        };
  }

  /** Kind of the oldest record that waits; `prediction` where none does. */
  #oldest(): RecordKind {
    const event = this.#waiting.event.peekFront();
    if (event === undefined) {
      return 'prediction';
    }
    const prediction = this.#waiting.prediction.peekFront();
    return prediction === undefined || event.number < prediction.number ? 'event' : 'prediction';
  }

  #expire(nowMs: number): void {
    const oldestMs = nowMs - this.#options.maxAgeMs;
    for (const kind of recordKinds) {
      while ((this.#waiting[kind].peekFront()?.madeMs ?? Infinity) < oldestMs) {
        this.#drop(kind, 'expired');
      }
    }
  }

  /** Drops the oldest that wait while there is no room for all; what is too old is told as that. */
  #shrink(): void {
    const { maxBytes, policy } = this.#options;
    if (this.#bytes > maxBytes) {
      this.expire();
    }
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
