import { messageOf } from '../../../base/errors.js';
import { FailureCount } from '../../../base/failure-count.js';
import type { Log } from '../../../base/log.js';
import type { FileSystem } from '../../../platform/file-system.js';
import type { Accounts } from '../accounts.js';
import { historyPayload } from '../../prediction/payload.js';
import {
  recordKinds,
  recordOverheadBytes,
  type DropReason,
  type OutboxRecord,
  type OverflowPolicy,
  type RecordKind,
} from '../record.js';
import { TokenBucket } from '../token-bucket.js';
import { historyTopic } from '../../mqtt/topics.js';
import { encodeBatch, type LoggedRecord } from './log-entry.js';
import { emptyLedger, inherit, type Ledger } from './ledger.js';
import { Outstanding } from './outstanding.js';
import { SegmentLog } from './segment-log.js';

export interface BacklogOptions {
  /** Its own; made where it is absent. */
  readonly directory: string;
  readonly fileSystem: FileSystem;
  /** Bound of the files. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly policy: OverflowPolicy;
  /** Bound of what is written, for the flash's sake. */
  readonly bytesPerDay: number;
  readonly accounts: Accounts;
  readonly log: Log;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
  /** Wall time, epoch milliseconds. */
  readonly now: () => number;
}

export interface BacklogStats {
  readonly records: number;
  readonly bytes: number;
  /** Writes that went well, and those that failed. */
  readonly writes: number;
  readonly failures: number;
  /** Given to the disk by this process, in whole pages, and as much a day. */
  readonly bytesWritten: number;
  readonly bytesPerDay: number;
  /** Times that a process ended without having stopped: what its memory held is not known. */
  readonly uncleanEnds: number;
}

const dayMs = 86_400_000;
/** Boards without a battery begin in 1970 until they reach a time server. */
const clockIsSetMs = Date.UTC(2020);
const mostSegmentBytes = 1024 * 1024;

interface Lane {
  readonly kind: RecordKind;
  readonly log: SegmentLog;
  readonly outstanding: Outstanding;
}

/**
 * The records that wait on disk, and the accounts of all records. Both are written together, so that
 * what a process finds at its start adds up. Calls that write must not overlap.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #lanes: readonly Lane[];
  readonly #budget: TokenBucket;
  readonly #startedMs: number;
  /** Wall time at monotonic 0: by it records keep their age over a restart. */
  readonly #epochMs: number;
  readonly segmentBytes: number;
  #isOpen = false;
  /** Numbers on disk go on from those of earlier processes. */
  #numberBase = 0;
  #sequence = 0;
  #uncleanEnds = 0;
  /** The last ledger that this process put on disk, and with which records. */
  #durable: Ledger = emptyLedger;
  #durableIn: RecordKind | undefined;
  #loading = false;
  #writes = 0;
  readonly #failures: FailureCount;
  /** Called when records can be taken that were not in memory before. */
  onReady: () => void = () => {};

  constructor(options: BacklogOptions) {
    const { directory, fileSystem, accounts, maxBytes, bytesPerDay, monotonicMs, now } = options;
    this.#options = options;
    this.segmentBytes = Math.min(mostSegmentBytes, Math.floor(maxBytes / 32));
    this.#lanes = recordKinds.map((kind) => ({
      kind,
      log: new SegmentLog({
        directory,
        kind,
        fileSystem,
        segmentBytes: this.segmentBytes,
        lost: (count) => accounts.settle('lost', count),
      }),
      outstanding: new Outstanding((outcome) => accounts.settle(outcome)),
    }));
    this.#budget = new TokenBucket(bytesPerDay, bytesPerDay / dayMs, monotonicMs);
    this.#startedMs = monotonicMs();
    this.#failures = new FailureCount(monotonicMs);
    this.#epochMs = now() - this.#startedMs;
  }

  /**
   * Takes over what an earlier process left. Does not throw: where the disk cannot be read it is
   * reported, and the next call tries again.
   *
   * @returns whether records can be written and taken
   */
  async open(): Promise<boolean> {
    if (this.#isOpen) {
      return true;
    }
    const { directory, fileSystem, accounts, log } = this.#options;
    let ledger: Ledger = emptyLedger;
    let highest = 0;
    try {
      await fileSystem.makeDirectory(directory);
      const names = await fileSystem.list(directory);
      for (const lane of this.#lanes) {
        const found = await lane.log.scan(names);
        for (const file of found.unreadable) {
          log.error({ directory, file }, 'a file of waiting records cannot be read: passed over');
        }
        if (found.ledger.sequence > ledger.sequence) {
          ({ ledger } = found);
        }
        highest = Math.max(highest, found.highest);
      }
      await fileSystem.syncDirectory(directory);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    const waiting = this.#lanes.map(({ kind, log: segments, outstanding }) => {
      const floor = kind === 'event' ? ledger.eventFloor : ledger.predictionFloor;
      outstanding.raiseFloor(floor);
      return segments.startAfter(floor);
    });
    const pending = waiting.reduce((sum, count) => sum + count, 0);
    const { produced, newlyLost } = inherit(accounts, ledger, highest, pending);
    this.#numberBase = produced;
    this.#sequence = ledger.sequence;
    this.#uncleanEnds = ledger.uncleanEnds + (ledger.clean === 1 ? 0 : 1);
    this.#isOpen = true;
    if (pending + newlyLost > 0) {
      log.info(
        { pending, lost: newlyLost },
        'found records of an earlier run: they go to the history',
      );
    }
    await this.writeLedger();
    return true;
  }

  /**
   * Puts records of one kind on disk, with the accounts behind them. Does not throw: failures are
   * reported once a minute and counted.
   *
   * @param records of this process
   * @returns whether they are there to stay; otherwise they are the caller's as before
   */
  async append(kind: RecordKind, records: readonly OutboxRecord[]): Promise<boolean> {
    if (!(await this.open())) {
      return false;
    }
    const bytes = records.reduce((sum, record) => sum + record.bytes + record.topic.length, 0);
    if (this.#budget.waitMs(bytes) > 0) {
      const { bytesPerDay } = this.#options;
      this.#fail(new Error(`mqtt.outbox.diskBytesPerDay (${bytesPerDay}) are used up`));
      return false;
    }
    this.#makeRoom(bytes);
    const first = this.#lane(kind).log.reserve(records.length);
    const logged = records.map((record, i) => this.#logged(record, first + i));
    return this.#write(kind, logged, false);
  }

  /** Puts the accounts on disk by themselves; `clean` as the last thing before the end. */
  async writeLedger(clean = false): Promise<boolean> {
    if (!this.#isOpen && !(await this.open())) {
      return false;
    }
    return this.#write('prediction', [], clean);
  }

  /** Removes the files of which the last ledger on disk says that they are settled. */
  async removeSettled(): Promise<void> {
    const { eventFloor, predictionFloor } = this.#durable;
    // Until then the newest ledger is in a file of an earlier process.
    if (this.#durableIn === undefined) {
      return;
    }
    try {
      for (const { kind, log } of this.#lanes) {
        const floor = kind === 'event' ? eventFloor : predictionFloor;
        await log.removeSettled(floor, kind === this.#durableIn);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Gives up what is too old, a file at a time; the rest when it is taken. */
  expire(): void {
    const oldestMs = this.#options.monotonicMs() - this.#options.maxAgeMs;
    for (const lane of this.#lanes) {
      for (;;) {
        const { oldest } = lane.log;
        if (oldest === undefined || this.#bornMs(oldest.lastWallMs) >= oldestMs) {
          break;
        }
        this.#dropOldest(lane, 'expired');
      }
    }
  }

  /**
   * The next record to deliver, in flight from now on: events first, each kind as it was written. Undefined where there is none in memory: `onReady` tells when there is.
   */
  take(): OutboxRecord | undefined {
    if (this.pending === 0) {
      return undefined;
    }
    const oldestMs = this.#options.monotonicMs() - this.#options.maxAgeMs;
    for (const { outstanding } of this.#lanes) {
      for (let again = outstanding.again(); again !== undefined; again = outstanding.again()) {
        if (again.offeredMs >= oldestMs) {
          return again;
        }
        outstanding.end(again, 'expired');
      }
    }
    for (const { kind, log, outstanding } of this.#lanes) {
      for (let logged = log.next(); logged !== undefined; logged = log.next()) {
        const record = this.#record(kind, logged);
        outstanding.add(record);
        if (record.offeredMs >= oldestMs) {
          return record;
        }
        outstanding.end(record, 'expired');
      }
    }
    void this.#load();
    return undefined;
  }

  /** The end of a record that was taken. */
  settle(record: OutboxRecord, outcome: 'delivered' | DropReason): boolean {
    return this.#lane(record.kind).outstanding.end(record, outcome);
  }

  /** The connection is gone: what was in flight is to be taken again, and first. */
  requeue(): void {
    for (const { outstanding } of this.#lanes) {
      outstanding.requeue();
    }
  }

  get inFlight(): number {
    return this.#lanes.reduce((sum, { outstanding }) => sum + outstanding.inFlight, 0);
  }

  /** On disk, or taken and not settled. */
  get pending(): number {
    return this.#lanes.reduce(
      (sum, { log, outstanding }) => sum + log.unread + outstanding.length,
      0,
    );
  }

  /** Records of the log were settled of which the disk does not know yet. */
  get hasSettled(): boolean {
    const { eventFloor, predictionFloor } = this.#durable;
    return (
      this.#lane('event').outstanding.floor > eventFloor ||
      this.#lane('prediction').outstanding.floor > predictionFloor
    );
  }

  get stats(): BacklogStats {
    const bytesWritten = this.#lanes.reduce((sum, { log }) => sum + log.bytesWritten, 0);
    const days = (this.#options.monotonicMs() - this.#startedMs) / dayMs;
    return {
      records: this.pending,
      bytes: this.#lanes.reduce((sum, { log }) => sum + log.bytes, 0),
      writes: this.#writes,
      failures: this.#failures.total,
      bytesWritten,
      bytesPerDay: days > 0 ? Math.round(bytesWritten / days) : 0,
      uncleanEnds: this.#uncleanEnds,
    };
  }

  close(): void {
    for (const { log } of this.#lanes) {
      log.seal();
    }
  }

  async #write(
    kind: RecordKind,
    records: readonly LoggedRecord[],
    clean: boolean,
  ): Promise<boolean> {
    const { log } = this.#lane(kind);
    const ledger = this.#ledger(clean);
    const bytes = encodeBatch(records, ledger);
    const { position: last = 0, wallMs: lastWallMs = 0 } = records.at(-1) ?? {};
    try {
      await log.append({ bytes, records: records.length, last, lastWallMs });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#budget.charge(bytes.length);
    this.#durable = ledger;
    this.#durableIn = kind;
    this.#succeed();
    return true;
  }

  async #load(): Promise<void> {
    if (this.#loading || !this.#isOpen) {
      return;
    }
    this.#loading = true;
    let loaded = false;
    try {
      for (const { log } of this.#lanes) {
        loaded = (await log.load()) || loaded;
      }
    } catch (error) {
      this.#fail(error, 'records on disk cannot be read');
    }
    this.#loading = false;
    if (loaded) {
      this.onReady();
    }
  }

  /** Gives up the oldest until so many bytes more are within the bound. */
  #makeRoom(bytes: number): void {
    // A file that is given up goes only after the next one is written.
    const bound = this.#options.maxBytes - 2 * this.segmentBytes;
    for (;;) {
      const used = this.#lanes.reduce((sum, { log }) => sum + log.unreadBytes, 0);
      const lane = this.#leastWorth();
      if (used + bytes <= bound || lane === undefined) {
        return;
      }
      this.#dropOldest(lane, 'overflow');
    }
  }

  #leastWorth(): Lane | undefined {
    const lanes = this.#lanes.filter(({ log }) => log.oldest !== undefined);
    if (this.#options.policy === 'keep-events') {
      return lanes.find(({ kind }) => kind === 'prediction') ?? lanes[0];
    }
    return lanes.toSorted(
      (a, b) => (a.log.oldest?.lastWallMs ?? 0) - (b.log.oldest?.lastWallMs ?? 0),
    )[0];
  }

  #dropOldest({ log, outstanding }: Lane, reason: DropReason): void {
    const { records, last } = log.dropOldest();
    this.#options.accounts.settle(reason, records);
    outstanding.raiseFloor(last);
  }

  #ledger(clean: boolean): Ledger {
    const { produced, delivered, dropped } = this.#options.accounts;
    this.#sequence += 1;
    return {
      ...dropped,
      sequence: this.#sequence,
      clean: clean ? 1 : 0,
      uncleanEnds: this.#uncleanEnds,
      produced,
      delivered,
      eventFloor: this.#lane('event').outstanding.floor,
      predictionFloor: this.#lane('prediction').outstanding.floor,
    };
  }

  #lane(kind: RecordKind): Lane {
    const lane = this.#lanes.find((other) => other.kind === kind);
    if (lane === undefined) {
      throw new RangeError(`no records of kind ${kind}`);
    }
    return lane;
  }

  #logged(record: OutboxRecord, position: number): LoggedRecord {
    const { offeredMs, qos, topic, payload } = record;
    const wallMs = Math.max(0, this.#epochMs + offeredMs);
    return { position, number: this.#numberBase + record.number, wallMs, qos, topic, payload };
  }

  /** A clock that was not set, or was set back since, would make a record ancient or not yet born: it is new then. */
  #bornMs(wallMs: number): number {
    const nowMs = this.#options.monotonicMs();
    return wallMs < clockIsSetMs ? nowMs : Math.min(nowMs, wallMs - this.#epochMs);
  }

  #record(kind: RecordKind, logged: LoggedRecord): OutboxRecord {
    const { position, wallMs, qos, topic, payload } = logged;
    return {
      topic: historyTopic(topic),
      payload: historyPayload(kind, payload),
      qos,
      kind,
      offeredMs: this.#bornMs(wallMs),
      bytes: Buffer.byteLength(payload) + recordOverheadBytes,
      number: position,
      history: true,
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

  #fail(error: unknown, message = 'records cannot be kept on disk: they wait in memory'): void {
    if (!this.#failures.failed()) {
      return;
    }
    const { directory, log } = this.#options;
    log.error({ directory, error: messageOf(error), failures: this.#failures.total }, message);
  }
}
