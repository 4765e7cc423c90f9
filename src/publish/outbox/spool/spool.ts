import { dailyBytes } from '../../../base/daily-bytes.js';
import { messageOf } from '../../../base/errors.js';
import { FailureCount } from '../../../base/failure-count.js';
import type { Log } from '../../../base/log.js';
import { TokenBucket } from '../../../base/token-bucket.js';
import type { FileSystem } from '../../../platform/file-system.js';
import type { RecordKind } from '../../prediction/record.js';
import type { Accounts, Outcome } from '../contract/accounts.js';
import { recordOverheadBytes, type OutboxRecord, type OverflowPolicy } from '../contract/record.js';
import { AccountsReserve } from './accounts-reserve.js';
import { DurableAccounts } from './durable-accounts.js';
import { encodeBatch, type LoggedRecord } from './log-entry.js';
import { RecordClock } from './record-clock.js';
import { floorOf, noSavedAccounts } from './saved-accounts.js';
import { scanSegments, type SegmentScan } from './segment-scan.js';
import { makeRoom, Series } from './series.js';

export interface SpoolOptions {
  /** The folder of the files, which nothing else may use; it is made where it is absent. */
  readonly directory: string;
  readonly fileSystem: FileSystem;
  /** Bound of the files. */
  readonly maxBytes: number;
  /** A record that is older is dropped. */
  readonly maxAgeMs: number;
  readonly policy: OverflowPolicy;
  /** Bound of what is written, for the flash's sake. */
  readonly bytesPerDay: number;
  readonly accounts: Accounts;
  readonly log: Log;
  /** Called when records can be taken that were not in memory before. */
  readonly onReady: () => void;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
  /** Wall time, epoch milliseconds. */
  readonly now: () => number;
}

export interface SpoolStats {
  /** Records on disk, or taken and not settled. */
  readonly records: number;
  /** Bytes of the files. */
  readonly bytes: number;
  /** Writes that went well. */
  readonly writes: number;
  /** Calls of the file system that failed, and batches beyond the budget of writes. */
  readonly failures: number;
  /** Bytes given to the disk by this process, in whole pages. */
  readonly bytesWritten: number;
  /** The same for a day. */
  readonly bytesPerDay: number | null;
  /** Times that a process ended without having stopped: what was in its memory is not known. */
  readonly uncleanEnds: number;
}

const dayMs = 86_400_000;
const maxSegmentBytes = 1024 * 1024;
/** The bound of all files over that of one. */
const segmentShare = 32;

/**
 * The records that wait on disk, and the accounts of all records. Both are written together, so that
 * what a process finds at its start adds up. Calls that write must not overlap.
 */
export class Spool {
  /** A batch should not be larger. */
  readonly segmentBytes: number;
  readonly #options: SpoolOptions;
  readonly #event: Series;
  readonly #prediction: Series;
  /** Events first, as they are delivered. */
  readonly #series: readonly Series[];
  readonly #saved: DurableAccounts;
  readonly #reserve: AccountsReserve;
  readonly #clock: RecordClock;
  readonly #budget: TokenBucket;
  readonly #failures: FailureCount;
  readonly #removalFailures: FailureCount;
  readonly #startedMs: number;
  #isOpen = false;
  /** Numbers on disk go on from those of earlier processes. */
  #numberBase = 0;
  #isLoading = false;
  #writes = 0;

  constructor(options: SpoolOptions) {
    const { directory, fileSystem, accounts, maxBytes, bytesPerDay, monotonicMs, now } = options;
    this.#options = options;
    this.segmentBytes = Math.min(maxSegmentBytes, Math.floor(maxBytes / segmentShare));
    const folder = { directory, fileSystem, accounts, segmentBytes: this.segmentBytes };
    this.#event = new Series({ ...folder, kind: 'event' });
    this.#prediction = new Series({ ...folder, kind: 'prediction' });
    this.#series = [this.#event, this.#prediction];
    this.#saved = new DurableAccounts(accounts);
    this.#reserve = new AccountsReserve(directory, fileSystem);
    this.#clock = new RecordClock(monotonicMs, now);
    this.#budget = new TokenBucket(bytesPerDay, bytesPerDay / dayMs, monotonicMs);
    this.#failures = new FailureCount(monotonicMs);
    this.#removalFailures = new FailureCount(monotonicMs);
    this.#startedMs = monotonicMs();
  }

  /**
   * Takes over what an earlier process left. Does not throw: a disk that cannot be read is reported,
   * and the next call tries again.
   *
   * @returns whether records can be written and taken
   */
  async open(): Promise<boolean> {
    if (this.#isOpen) {
      return true;
    }
    try {
      await this.#takeOver();
    } catch (error) {
      this.#fail(error);
      return false;
    }
    await this.saveAccounts();
    return true;
  }

  /**
   * Puts records of one kind on disk, with the accounts behind them. Does not throw: failures are
   * reported once a minute and counted.
   *
   * @param records records of this process
   * @returns whether they are on disk to stay; otherwise they are the caller's as before
   */
  async append(kind: RecordKind, records: readonly OutboxRecord[]): Promise<boolean> {
    if (!(await this.open())) {
      return false;
    }
    const bytes = records.reduce((sum, record) => sum + record.bytes + record.stream.length, 0);
    if (this.#budget.waitMs(bytes) > 0) {
      const { bytesPerDay } = this.#options;
      this.#fail(new Error(`outbox.diskBytesPerDay (${bytesPerDay}) are used up`));
      return false;
    }
    const { maxBytes, policy } = this.#options;
    // A file that is given up goes only after the next one is written.
    makeRoom(this.#series, bytes, maxBytes - 2 * this.segmentBytes, policy);
    const first = this.#of(kind).log.reserve(records.length);
    const logged = records.map((record, i) => this.#toLogged(record, first + i));
    return this.#write(this.#of(kind), logged, false);
  }

  /** Puts the accounts on disk by themselves. */
  async saveAccounts(): Promise<boolean> {
    if (!this.#isOpen && !(await this.open())) {
      return false;
    }
    const isWritten = await this.#write(this.#prediction, [], false);
    if (isWritten) {
      await this.#reserve.make();
    }
    return isWritten;
  }

  /**
   * Puts the accounts on disk as the last thing before the end, also where the disk is full. Does not throw.
   *
   * @returns whether they are there
   */
  async saveLastAccounts(): Promise<boolean> {
    if (!(await this.open())) {
      return false;
    }
    if (await this.#write(this.#prediction, [], true)) {
      return true;
    }
    const saved = this.#saved.now(this.#event, this.#prediction, true);
    try {
      await this.#reserve.use(encodeBatch([], saved), this.#prediction.log.newPath());
      return true;
    } catch (error) {
      this.#fail(error, 'the accounts of the records cannot be kept on disk');
      return false;
    }
  }

  /** Removes the files of which the last accounts on disk say that they are settled. Does not throw. */
  async removeSettled(): Promise<void> {
    const { newestIn } = this.#saved;
    // Until then the newest accounts are in a file of an earlier process.
    if (newestIn === undefined) {
      return;
    }
    for (const { kind, log } of this.#series) {
      try {
        await log.removeSettled(this.#saved.floor(kind), kind === newestIn);
      } catch (error) {
        this.#failToRemove(error);
      }
    }
  }

  /** Drops what is too old, as far as whole files are; any other old record is dropped when it is taken. */
  expire(): void {
    const oldestMs = this.#options.monotonicMs() - this.#options.maxAgeMs;
    for (const series of this.#series) {
      for (;;) {
        const { oldestWallMs } = series.log;
        if (oldestWallMs === undefined || this.#clock.madeMs(oldestWallMs) >= oldestMs) {
          break;
        }
        series.dropOldest('expired');
      }
    }
  }

  /**
   * The next record to deliver, which is in flight from now on: each kind in the order of writing, and of
   * those in memory events first. Undefined where none is in memory; `onReady` is called when one is.
   */
  take(): OutboxRecord | undefined {
    if (this.pending === 0) {
      return undefined;
    }
    const oldestMs = this.#options.monotonicMs() - this.#options.maxAgeMs;
    for (const { taken } of this.#series) {
      for (let old = taken.nextToResend(); old !== undefined; old = taken.nextToResend()) {
        if (old.madeMs >= oldestMs) {
          return old;
        }
        taken.end(old, 'expired');
      }
    }
    for (const { kind, log, taken } of this.#series) {
      for (let logged = log.next(); logged !== undefined; logged = log.next()) {
        const record = this.#fromLogged(kind, logged);
        taken.add(record);
        if (record.madeMs >= oldestMs) {
          return record;
        }
        taken.end(record, 'expired');
      }
    }
    void this.#load();
    return undefined;
  }

  /** Notes what became of a record that was taken. One that is not in flight is left alone. */
  settle(record: OutboxRecord, outcome: Outcome): void {
    this.#of(record.kind).taken.end(record, outcome);
  }

  /** The connection is lost: whatever is in flight is to be taken again, and first. */
  requeue(): void {
    for (const { taken } of this.#series) {
      taken.requeue();
    }
  }

  get inFlight(): number {
    return this.#series.reduce((sum, { taken }) => sum + taken.inFlight, 0);
  }

  /** Number of records on disk, or taken and not settled. */
  get pending(): number {
    return this.#series.reduce((sum, { pending }) => sum + pending, 0);
  }

  /** Whether records were settled of which the disk does not know yet. */
  get hasSettled(): boolean {
    return this.#series.some(({ kind, taken }) => taken.floor > this.#saved.floor(kind));
  }

  get stats(): SpoolStats {
    const bytesWritten = this.#series.reduce((sum, { log }) => sum + log.bytesWritten, 0);
    const elapsedMs = this.#options.monotonicMs() - this.#startedMs;
    return {
      records: this.pending,
      bytes: this.#series.reduce((sum, { log }) => sum + log.bytes, 0),
      writes: this.#writes,
      failures: this.#failures.total + this.#removalFailures.total,
      bytesWritten,
      bytesPerDay: dailyBytes(bytesWritten, elapsedMs),
      uncleanEnds: this.#saved.uncleanEnds,
    };
  }

  close(): void {
    for (const { log } of this.#series) {
      log.seal();
    }
  }

  /** Reads what is there, and opens. @throws whatever the file system does */
  async #takeOver(): Promise<void> {
    const { directory, fileSystem, log } = this.#options;
    await fileSystem.makeDirectory(directory);
    const names = await fileSystem.list(directory);
    const scans: SegmentScan[] = [];
    for (const { kind } of this.#series) {
      const scan = await scanSegments({ directory, kind, fileSystem }, names);
      for (const file of scan.unreadable) {
        log.error({ directory, file }, 'a file of waiting records cannot be read: passed over');
      }
      scans.push(scan);
    }
    await fileSystem.syncDirectory(directory);
    const saved = scans.reduce(
      (newest, { accounts }) => (accounts.sequence > newest.sequence ? accounts : newest),
      noSavedAccounts,
    );
    let pending = 0;
    for (const [i, { kind, log: segments, taken }] of this.#series.entries()) {
      const scan = scans[i];
      if (scan !== undefined) {
        taken.raiseFloor(floorOf(saved, kind));
        pending += segments.begin(scan, floorOf(saved, kind));
      }
    }
    const highestNumber = Math.max(...scans.map((scan) => scan.highestNumber));
    const { produced, newlyLost } = this.#saved.takeOver(saved, highestNumber, pending);
    this.#numberBase = produced;
    this.#isOpen = true;
    if (pending + newlyLost > 0) {
      log.info(
        { pending, lost: newlyLost },
        'found records of an earlier run: they go to the history',
      );
    }
  }

  async #write(
    { kind, log }: Series,
    records: readonly LoggedRecord[],
    isClean: boolean,
  ): Promise<boolean> {
    const saved = this.#saved.now(this.#event, this.#prediction, isClean);
    const bytes = encodeBatch(records, saved);
    const { position: last = 0, wallMs: lastWallMs = 0 } = records.at(-1) ?? {};
    try {
      await log.append({ bytes, records: records.length, last, lastWallMs });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#budget.charge(bytes.length);
    this.#saved.written(saved, kind);
    this.#succeed();
    return true;
  }

  async #load(): Promise<void> {
    if (this.#isLoading || !this.#isOpen) {
      return;
    }
    this.#isLoading = true;
    let isLoaded = false;
    try {
      for (const { log } of this.#series) {
        isLoaded = (await log.load()) || isLoaded;
      }
    } catch (error) {
      this.#fail(error, 'records on disk cannot be read');
    }
    this.#isLoading = false;
    if (isLoaded) {
      this.#options.onReady();
    }
  }

  #of(kind: RecordKind): Series {
    return kind === 'event' ? this.#event : this.#prediction;
  }

  #toLogged(record: OutboxRecord, position: number): LoggedRecord {
    const { madeMs, number, qos, stream, payload } = record;
    const wallMs = this.#clock.wallMs(madeMs);
    return { position, number: this.#numberBase + number, wallMs, qos, stream, payload };
  }

  #fromLogged(kind: RecordKind, logged: LoggedRecord): OutboxRecord {
    const { position, wallMs, qos, stream, payload } = logged;
    return {
      stream,
      kind,
      payload,
      qos,
      madeMs: this.#clock.madeMs(wallMs),
      bytes: Buffer.byteLength(payload) + recordOverheadBytes,
      number: position,
      isHistory: true,
    };
  }

  #succeed(): void {
    this.#writes += 1;
    if (this.#failures.succeeded() === 0) {
      return;
    }
    const { directory, log } = this.#options;
    log.info({ directory, failures: this.#failures.total }, 'records can be kept on disk again');
  }

  #failToRemove(error: unknown): void {
    if (!this.#removalFailures.failed()) {
      return;
    }
    const { directory, maxBytes, log } = this.#options;
    log.error(
      { directory, error: messageOf(error), failures: this.#removalFailures.total },
      `a file of records that are settled cannot be removed: the folder may grow beyond outbox.maxBytes (${maxBytes})`,
    );
  }

  #fail(error: unknown, message = 'records cannot be kept on disk: they wait in memory'): void {
    if (!this.#failures.failed()) {
      return;
    }
    const { directory, log } = this.#options;
    log.error({ directory, error: messageOf(error), failures: this.#failures.total }, message);
  }
}
