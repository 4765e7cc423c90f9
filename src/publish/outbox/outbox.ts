import { Accounts } from './accounts.js';
import type { Backlog, BacklogStats } from './spool/spool.js';
import { MemoryQueue } from './memory-queue.js';
import {
  recordKinds,
  type DropReason,
  type OutboxRecord,
  type OverflowPolicy,
  type Qos,
} from './record.js';
import { TokenBucket } from './token-bucket.js';

export interface OutboxOptions {
  /** Bound of what waits and is in flight, in memory. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Default: `drop-oldest`. */
  readonly policy?: OverflowPolicy;
  readonly accounts?: Accounts;
  /** Where records go that have to wait long; without it they stay in memory. */
  readonly disk?: DiskOptions;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs?: () => number;
}

export interface DiskOptions {
  /** With the same accounts. */
  readonly backlog: Backlog;
  /** Once the oldest has waited so long, all that wait go to disk. */
  readonly afterMs: number;
  /** Records from disk that are delivered a second, when no other waits. */
  readonly historyPerSecond: number;
}

export interface OutboxStats {
  readonly produced: number;
  readonly delivered: number;
  /** Waiting, in memory or on disk, or in flight. */
  readonly pending: number;
  readonly inFlight: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** In memory. */
  readonly bytes: number;
  readonly disk: BacklogStats | null;
}

const tickMs = 1000;
/** How old the accounts on disk may get: what was delivered since is sent again after a kill ... */
const settledLedgerMs = 10_000;
/** ... and what was produced since is in no account. */
const idleLedgerMs = 60_000;
/** Leaves most of the window to records that are new. */
const mostHistoryInFlight = 16;

/**
 * What is to be delivered. New records wait in memory, in order. When they have to wait long or are
 * many, they go to disk in one write, and from there to the history topic, at a bounded rate and only
 * while no new one waits. At all times `produced = delivered + pending + dropped`, and every record is
 * in exactly one of these.
 */
export class Outbox {
  readonly maxAgeMs: number;
  readonly #accounts: Accounts;
  readonly #queue: MemoryQueue;
  readonly #disk: DiskOptions | undefined;
  readonly #rate: TokenBucket;
  readonly #monotonicMs: () => number;
  /** The disk has its part before memory is full. */
  readonly #highBytes: number;
  #started = false;
  #timer: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #retryMs = -Infinity;
  #ledgerMs = -Infinity;
  #ledgerOf = 0;
  /** Called when records can be taken that could not be before. */
  onReady: () => void = () => {};

  constructor(options: OutboxOptions) {
    const { maxBytes, maxAgeMs, policy = 'drop-oldest', disk } = options;
    this.maxAgeMs = maxAgeMs;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#accounts = options.accounts ?? new Accounts();
    this.#queue = new MemoryQueue({
      maxBytes,
      maxAgeMs,
      policy,
      accounts: this.#accounts,
      monotonicMs: this.#monotonicMs,
    });
    this.#disk = disk;
    this.#highBytes = disk === undefined ? Infinity : maxBytes / 2;
    const perSecond = disk?.historyPerSecond ?? 1;
    this.#rate = new TokenBucket(Math.max(1, perSecond / 10), perSecond / 1000, this.#monotonicMs);
    if (disk !== undefined) {
      disk.backlog.onReady = () => this.onReady();
    }
  }

  /** Takes over what an earlier process left on disk. A disk that cannot be read is tried again later. */
  async start(): Promise<void> {
    if (this.#disk === undefined || this.#started) {
      return;
    }
    this.#started = true;
    await this.#disk.backlog.open();
    this.#ledgerWritten();
    this.#timer = setInterval(() => void this.tick(), tickMs);
    this.#timer.unref();
  }

  /** Takes a new record, to which it may have to give up older ones. */
  offer(topic: string, payload: string, qos: Qos): void {
    this.#queue.offer(topic, payload, qos);
    if (this.#queue.waitingBytes > this.#highBytes && this.#working === undefined) {
      void this.tick();
    }
  }

  /**
   * The record to send next, which is in flight from now on: the oldest of the new ones; else, if
   * asked for and its time has come, one of the history. Undefined when there is none.
   */
  take(withHistory = true): OutboxRecord | undefined {
    const record = this.#queue.take();
    if (record !== undefined || !withHistory || this.#disk === undefined) {
      return record;
    }
    const { backlog } = this.#disk;
    if (backlog.pending === 0 || backlog.inFlight >= mostHistoryInFlight) {
      return undefined;
    }
    const waitMs = this.#rate.waitMs(1);
    if (waitMs > 0) {
      this.#wakeIn(waitMs);
      return undefined;
    }
    const logged = backlog.take();
    if (logged !== undefined) {
      this.#rate.charge(1);
    }
    return logged;
  }

  /** The broker has it. A record that is not in flight any more is left alone. */
  delivered(record: OutboxRecord): void {
    this.#settle(record, 'delivered');
  }

  /** Gives up a record in flight. */
  drop(record: OutboxRecord, reason: DropReason): void {
    this.#settle(record, reason);
  }

  /** The connection is gone: what was in flight waits again, before all else and in its order. */
  requeue(): void {
    this.#queue.requeue();
    this.#disk?.backlog.requeue();
  }

  /** Age of a record, milliseconds. */
  ageMs(record: OutboxRecord): number {
    return this.#monotonicMs() - record.offeredMs;
  }

  /** Waiting, in memory or on disk, or in flight. */
  get pending(): number {
    return this.#queue.pending + (this.#disk?.backlog.pending ?? 0);
  }

  /** New ones that wait or are in flight. */
  get unsent(): number {
    return this.#queue.waiting + this.#queue.inFlight;
  }

  get stats(): OutboxStats {
    const { produced, delivered, dropped } = this.#accounts;
    return {
      produced,
      delivered,
      pending: this.pending,
      inFlight: this.#queue.inFlight + (this.#disk?.backlog.inFlight ?? 0),
      dropped: { ...dropped },
      bytes: this.#queue.bytes,
      disk: this.#disk?.backlog.stats ?? null,
    };
  }

  /** The disk's part, once a second: what is due is written. Does not throw. */
  tick(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  /** True while something is being written. */
  get isWriting(): boolean {
    return this.#working !== undefined;
  }

  /**
   * Puts what waits on disk, and the accounts as the last thing. Does not throw; does nothing before
   * `start`, when the disk may be another process's.
   */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#wake);
    await this.#working;
    if (this.#disk === undefined || !this.#started) {
      return;
    }
    const { backlog } = this.#disk;
    this.requeue();
    await this.#spill(this.#disk);
    await backlog.writeLedger(true);
    await backlog.removeSettled();
    backlog.close();
  }

  async #work(): Promise<void> {
    const nowMs = this.#monotonicMs();
    this.#queue.expire();
    if (this.#disk === undefined || !this.#started || nowMs < this.#retryMs) {
      return;
    }
    const { backlog, afterMs } = this.#disk;
    const isWritten = (await backlog.open()) && (await this.#write(this.#disk));
    if (!isWritten) {
      this.#retryMs = this.#monotonicMs() + afterMs;
    }
    await backlog.removeSettled();
    this.onReady();
  }

  /** Puts on disk what is due; false where it cannot be. */
  async #write(disk: DiskOptions): Promise<boolean> {
    disk.backlog.expire();
    const isDue =
      this.#monotonicMs() - this.#queue.oldestMs >= disk.afterMs ||
      this.#queue.waitingBytes > this.#highBytes;
    return isDue ? this.#spill(disk) : this.#writeLedger(disk.backlog);
  }

  /** Puts on disk what waits now; false where it cannot be. */
  async #spill({ backlog }: DiskOptions): Promise<boolean> {
    const last = this.#queue.offered;
    for (const kind of recordKinds) {
      for (;;) {
        const batch = this.#queue.takeBatch(kind, last, backlog.segmentBytes);
        if (batch.length === 0) {
          break;
        }
        if (!(await backlog.append(kind, batch))) {
          this.#queue.putBack(batch);
          return false;
        }
        this.#queue.written(batch);
        this.#ledgerWritten();
      }
    }
    return true;
  }

  async #writeLedger(backlog: Backlog): Promise<boolean> {
    const { produced, delivered } = this.#accounts;
    const ageMs = this.#monotonicMs() - this.#ledgerMs;
    const isDue = backlog.hasSettled
      ? ageMs >= settledLedgerMs
      : ageMs >= idleLedgerMs && produced + delivered !== this.#ledgerOf;
    if (!isDue) {
      return true;
    }
    const isWritten = await backlog.writeLedger();
    if (isWritten) {
      this.#ledgerWritten();
    }
    return isWritten;
  }

  #ledgerWritten(): void {
    this.#ledgerMs = this.#monotonicMs();
    this.#ledgerOf = this.#accounts.produced + this.#accounts.delivered;
  }

  #settle(record: OutboxRecord, outcome: 'delivered' | DropReason): void {
    if (record.history) {
      this.#disk?.backlog.settle(record, outcome);
    } else if (this.#queue.land(record)) {
      this.#accounts.settle(outcome);
    }
  }

  #wakeIn(ms: number): void {
    if (this.#wake !== undefined) {
      return;
    }
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.onReady();
    }, ms);
    this.#wake.unref();
  }
}
