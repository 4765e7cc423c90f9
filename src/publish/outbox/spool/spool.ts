import { clockStep } from '../../../base/clock-step.js';
import { dailyBytes } from '../../../base/daily-bytes.js';
import { errorCode } from '../../../base/errors.js';
import { TokenBucket } from '../../../base/token-bucket.js';
import { datedPayload } from '../../prediction/dated-payload.js';
import type { RecordKind } from '../../prediction/record.js';
import type { OutboxRecord } from '../contract/record.js';
import { AccountsReserve } from './accounts-reserve.js';
import { DurableAccounts } from './durable-accounts.js';
import { encodeBatch, type LoggedRecord } from './log-entry.js';
import { LoggedHistory } from './logged-history.js';
import { RecordClock } from './record-clock.js';
import { floorOf, noSavedAccounts } from './saved-accounts.js';
import { scanSegments, type SegmentScan } from './segment-scan.js';
import { makeRoom, Series } from './series.js';
import { SpoolFailures } from './spool-failures.js';
import type { SpoolStats } from './spool-stats.js';
import type { SpoolOptions } from './spool-options.js';

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
  readonly #failures: SpoolFailures;
  readonly #startedMs: number;
  /** The records on disk on their way to the publisher. */
  readonly history: LoggedHistory;
  #isOpen = false;
  /** Numbers on disk go on from those of earlier processes. */
  #numberBase = 0;
  #writes = 0;

  constructor(options: SpoolOptions) {
    const { directory, fileSystem, accounts, maxBytes, bytesPerDay, clock } = options;
    const monotonicMs = (): number => clock.bootMs();
    this.#options = options;
    this.segmentBytes = Math.min(maxSegmentBytes, Math.floor(maxBytes / segmentShare));
    const folder = {
      directory,
      fileSystem,
      accounts,
      segmentBytes: this.segmentBytes,
      lost: (records: number, isRemoved: boolean) => this.#failures.recordsLost(records, isRemoved),
    };
    this.#event = new Series({ ...folder, kind: 'event' });
    this.#prediction = new Series({ ...folder, kind: 'prediction' });
    this.#series = [this.#event, this.#prediction];
    this.#saved = new DurableAccounts(accounts);
    this.#reserve = new AccountsReserve(directory, fileSystem);
    this.#clock = new RecordClock(clock);
    this.#budget = new TokenBucket(bytesPerDay, bytesPerDay / dayMs, monotonicMs);
    this.#failures = new SpoolFailures({ directory, maxBytes, log: options.log, monotonicMs });
    this.#startedMs = monotonicMs();
    this.history = new LoggedHistory({
      series: this.#series,
      clock: this.#clock,
      maxAgeMs: options.maxAgeMs,
      monotonicMs,
      onReady: options.onReady,
      unreadable: (error) => this.#failures.failed(error, 'records on disk cannot be read'),
    });
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
      this.#failures.failed(error);
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
      this.#failures.failed(new Error(`outbox.diskBytesPerDay (${bytesPerDay}) are used up`));
      return false;
    }
    const { maxBytes, policy } = this.#options;
    // A file that is given up goes only after the next one is written.
    makeRoom(this.#series, bytes, maxBytes - 2 * this.segmentBytes, policy, this.#clock);
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
      this.#failures.failed(error, 'the accounts of the records cannot be kept on disk');
      return false;
    }
  }

  /**
   * Finds the files that somebody else removed, counts their records as lost and says so, and writes the accounts
   * anew where they were in one. Does not throw: a folder that cannot be listed tells nothing.
   */
  async giveUpRemoved(): Promise<void> {
    const { directory, fileSystem } = this.#options;
    let names: readonly string[];
    try {
      names = await fileSystem.list(directory);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        return;
      }
      names = [];
    }
    const there = new Set(names);
    const accountsAreGone = this.#series
      .map(({ kind, log }) => log.giveUpRemoved(there) && kind === this.#saved.newestIn)
      .includes(true);
    if (accountsAreGone) {
      await this.saveAccounts();
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
        this.#failures.removalFailed(error);
      }
    }
  }

  /** Returns whether records were settled of which the disk does not know yet. */
  get hasSettled(): boolean {
    return this.#series.some(({ kind, taken }) => taken.floor > this.#saved.floor(kind));
  }

  get stats(): SpoolStats {
    const bytesWritten = this.#series.reduce((sum, { log }) => sum + log.bytesWritten, 0);
    const elapsedMs = this.#options.clock.bootMs() - this.#startedMs;
    return {
      records: this.history.pending,
      bytes: this.#series.reduce((sum, { log }) => sum + log.bytes, 0),
      writes: this.#writes,
      failures: this.#failures.total,
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
    const { produced, missing } = this.#saved.takeOver(saved, highestNumber, pending);
    this.#numberBase = produced;
    this.#isOpen = true;
    if (pending + missing > 0) {
      log.info(
        { pending, [saved.clean === 1 ? 'lost' : 'unconfirmed']: missing },
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
    const newest = records.at(-1);
    const last = newest?.position ?? 0;
    try {
      await log.append({ bytes, records: records.length, last, lastTime: newest?.time });
    } catch (error) {
      this.#failures.failed(error);
      return false;
    }
    this.#budget.charge(bytes.length);
    this.#saved.written(saved, kind);
    this.#writes += 1;
    this.#failures.succeeded();
    return true;
  }

  #of(kind: RecordKind): Series {
    return kind === 'event' ? this.#event : this.#prediction;
  }

  /** The record as it is written: with its time as the wall clock has it now. */
  #toLogged(record: OutboxRecord, position: number): LoggedRecord {
    const { madeMs, number, qos, stream } = record;
    const time = this.#clock.timeOf(madeMs);
    const stepMs = clockStep(record.offsetMs ?? time.offsetMs, time.offsetMs);
    const payload = datedPayload(record.payload, stepMs, false);
    return { position, number: this.#numberBase + number, time, qos, stream, payload };
  }
}
