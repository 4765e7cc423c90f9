import { TokenBucket } from '../../base/token-bucket.js';
import type { StreamRecord } from '../prediction/record.js';
import { Accounts, type Outcome } from './contract/accounts.js';
import type { RecordSource } from './contract/publisher.js';
import type { DropReason, OutboxRecord, OverflowPolicy, RecordQueue } from './contract/record.js';
import { DiskWriter } from './disk-writer.js';
import { MemoryQueue } from './memory/memory-queue.js';
import type { Spool } from './spool/spool.js';
import type { SpoolStats } from './spool/spool-stats.js';

export interface OutboxOptions {
  /** Bound of what waits and is in flight, in memory. */
  readonly maxBytes: number;
  /** A record that waits longer is dropped. */
  readonly maxAgeMs: number;
  /** Default: `drop-oldest`. */
  readonly policy?: OverflowPolicy;
  /** Default: accounts of its own. */
  readonly accounts?: Accounts;
  /** Takes the records that have to wait long; without it they stay in memory. */
  readonly disk?: DiskOptions;
  /** Called when records can be taken that could not be before. */
  readonly onReady?: () => void;
  /** Called when the last of the new records that waited was taken, once for each `awaitDrain`. */
  readonly onDrained?: () => void;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs?: () => number;
  /** Wall time, epoch milliseconds. */
  readonly now?: () => number;
}

export interface DiskOptions {
  /** The spool, which must have been made with the same accounts. */
  readonly spool: Spool;
  /** Once the oldest record has waited so long, all that wait go to disk. */
  readonly afterMs: number;
  /** Records from disk that are delivered a second while no new one waits. */
  readonly historyPerSecond: number;
}

export interface OutboxStats {
  readonly produced: number;
  readonly delivered: number;
  /** Records that wait, in memory or on disk, or are in flight. */
  readonly pending: number;
  readonly inFlight: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Bytes of the records in memory. */
  readonly bytes: number;
  readonly disk: SpoolStats | null;
}

/** Bound of the history in flight: most of what a broker takes at a time is left to new records. */
const maxHistoryInFlight = 16;

/**
 * The records that are to be delivered. New ones wait in memory, in order. When they have to wait long or
 * are many, they go to disk in one write, and from there to the publisher as history: at a bounded rate and
 * only while no new one waits. At all times `produced = delivered + pending + dropped`, and every record is
 * in exactly one of these.
 */
export class Outbox implements RecordSource {
  readonly maxAgeMs: number;
  readonly #accounts: Accounts;
  readonly #queue: MemoryQueue;
  readonly #spool: Spool | undefined;
  readonly #writer: DiskWriter | undefined;
  readonly #historyRate: TokenBucket;
  readonly #onReady: () => void;
  readonly #onDrained: () => void;
  readonly #monotonicMs: () => number;
  #isDrainAwaited = false;
  /** Above it the disk is due at once: it has its part before memory is full. */
  readonly #highBytes: number;
  #wake: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions) {
    const { maxBytes, maxAgeMs, policy = 'drop-oldest', disk, now = Date.now } = options;
    const accounts = options.accounts ?? new Accounts();
    const monotonicMs = options.monotonicMs ?? (() => performance.now());
    const onReady = options.onReady ?? (() => {});
    const queue = new MemoryQueue({ maxBytes, maxAgeMs, policy, accounts, monotonicMs, now });
    const highBytes = disk === undefined ? Infinity : maxBytes / 2;
    const perSecond = disk?.historyPerSecond ?? 1;
    this.maxAgeMs = maxAgeMs;
    this.#accounts = accounts;
    this.#queue = queue;
    this.#highBytes = highBytes;
    this.#onReady = onReady;
    this.#onDrained = options.onDrained ?? (() => {});
    this.#monotonicMs = monotonicMs;
    this.#historyRate = new TokenBucket(Math.max(1, perSecond / 10), perSecond / 1000, monotonicMs);
    if (disk !== undefined) {
      const { spool, afterMs } = disk;
      this.#spool = spool;
      this.#writer = new DiskWriter({
        spool,
        queue,
        accounts,
        afterMs,
        highBytes,
        onReady,
        monotonicMs,
      });
    }
  }

  /** Takes over what an earlier process left on disk. A disk that cannot be read is tried again later. */
  async start(): Promise<void> {
    await this.#writer?.start();
  }

  /** Takes in a new record; older ones are dropped where there is no room for it. */
  offer(record: StreamRecord): void {
    this.#queue.offer(record);
    if (this.#queue.waitingBytes > this.#highBytes && !this.isWriting) {
      void this.tick();
    }
    this.#onReady();
  }

  /**
   * The record to send next, which is in flight from now on: of the open queues the oldest of the new ones;
   * else, if its time has come, one of the history. Undefined where there is none.
   */
  take(isOpen: (queue: RecordQueue) => boolean = () => true): OutboxRecord | undefined {
    const record = this.#queue.take(isOpen);
    if (this.#isDrainAwaited && this.#queue.waiting === 0) {
      this.#isDrainAwaited = false;
      this.#onDrained();
    }
    if (record !== undefined || !isOpen('history')) {
      return record;
    }
    return this.#takeHistory();
  }

  /** Has `onDrained` called when no new record waits any more. */
  awaitDrain(): void {
    this.#isDrainAwaited = true;
  }

  /** The other side has the record. One that is not in flight any more is left alone. */
  delivered(record: OutboxRecord): void {
    this.#settle(record, 'delivered');
  }

  /** Gives up a record in flight. One that is not in flight any more is left alone. */
  drop(record: OutboxRecord, reason: 'refused' | 'tooLarge' | 'lost'): void {
    this.#settle(record, reason);
  }

  /** The connection is lost: whatever is in flight waits again, before all else and in its order. */
  requeue(): void {
    this.#queue.requeue();
    this.#spool?.history.requeue();
  }

  /** How long until a record counts as too old, milliseconds; negative when it does. */
  timeLeftMs(record: OutboxRecord): number {
    return this.maxAgeMs - (this.#monotonicMs() - record.madeMs);
  }

  /** Number of records that wait, in memory or on disk, or are in flight. */
  get pending(): number {
    return this.#queue.pending + (this.#spool?.history.pending ?? 0);
  }

  /** Number of new records that wait or are in flight. */
  get unsent(): number {
    return this.#queue.waiting + this.#queue.inFlight;
  }

  get stats(): OutboxStats {
    const { produced, delivered, dropped } = this.#accounts;
    return {
      produced,
      delivered,
      pending: this.pending,
      inFlight: this.#queue.inFlight + (this.#spool?.history.inFlight ?? 0),
      dropped: { ...dropped },
      bytes: this.#queue.bytes,
      disk: this.#spool?.stats ?? null,
    };
  }

  /** Drops what is too old and writes to disk what is due, as is done once a second. Does not throw. */
  async tick(): Promise<void> {
    this.#queue.expire();
    await this.#writer?.tick();
  }

  /** True while something is being written. */
  get isWriting(): boolean {
    return this.#writer?.isWriting ?? false;
  }

  /**
   * Puts what waits on disk, and the accounts as the last thing. Does not throw; does nothing before
   * `start`, when the disk may be another process's.
   *
   * @returns how many records the disk did not take: they are counted as lost
   */
  async stop(): Promise<number> {
    clearTimeout(this.#wake);
    await this.#writer?.pause();
    if (this.#writer?.isStarted === true) {
      this.requeue();
      return this.#writer.finish();
    }
    return 0;
  }

  #takeHistory(): OutboxRecord | undefined {
    const history = this.#spool?.history;
    if (history === undefined || history.pending === 0 || history.inFlight >= maxHistoryInFlight) {
      return undefined;
    }
    const waitMs = this.#historyRate.waitMs(1);
    if (waitMs > 0) {
      this.#wakeIn(waitMs);
      return undefined;
    }
    const record = history.take();
    if (record !== undefined) {
      this.#historyRate.charge(1);
    }
    return record;
  }

  #settle(record: OutboxRecord, outcome: Outcome): void {
    if (record.isHistory) {
      this.#spool?.history.settle(record, outcome);
    } else if (this.#queue.remove(record)) {
      this.#accounts.settle(outcome);
    }
  }

  #wakeIn(ms: number): void {
    if (this.#wake !== undefined) {
      return;
    }
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.#onReady();
    }, ms);
    this.#wake.unref();
  }
}
