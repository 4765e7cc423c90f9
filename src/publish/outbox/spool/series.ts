import type { Accounts } from '../contract/accounts.js';
import type { DropReason, OverflowPolicy } from '../contract/record.js';
import type { RecordClock } from './record-clock.js';
import { SegmentLog } from './segment-log.js';
import type { SegmentFolder } from './segment.js';
import { TakenRecords } from './taken-records.js';

export interface SeriesOptions extends SegmentFolder {
  /** A new file is begun rather than making one larger than this. */
  readonly segmentBytes: number;
  readonly accounts: Accounts;
  /** Told of records that were on disk and are lost, which are counted already, and whether their file is gone. */
  readonly lost: (records: number, isRemoved: boolean) => void;
}

/** The records of one kind in the spool: those on disk, and those taken from there. */
export class Series {
  readonly kind: SegmentFolder['kind'];
  readonly log: SegmentLog;
  readonly taken: TakenRecords;
  readonly #accounts: Accounts;

  constructor({ accounts, lost, ...options }: SeriesOptions) {
    this.kind = options.kind;
    this.log = new SegmentLog({
      ...options,
      lost: (records, isRemoved) => {
        accounts.settle('lost', records);
        lost(records, isRemoved);
      },
    });
    this.taken = new TakenRecords((outcome) => accounts.settle(outcome));
    this.#accounts = accounts;
  }

  /** Number of records on disk, or taken and not settled. */
  get pending(): number {
    return this.log.unread + this.taken.length;
  }

  /** Gives up the records of the oldest file that were not read yet. */
  dropOldest(reason: DropReason): void {
    const { records, last } = this.log.dropOldest();
    this.#accounts.settle(reason, records);
    this.taken.raiseFloor(last);
  }
}

/**
 * Gives up the oldest records, a file at a time, until so many bytes more are within a bound.
 *
 * @param bytes of the batch that is to be written
 * @param bound of the files with records that were not read yet
 */
export function makeRoom(
  allSeries: readonly Series[],
  bytes: number,
  bound: number,
  policy: OverflowPolicy,
  clock: RecordClock,
): void {
  for (;;) {
    const used = allSeries.reduce((sum, { log }) => sum + log.unreadBytes, 0);
    const series = leastWorth(allSeries, policy, clock);
    if (used + bytes <= bound || series === undefined) {
      return;
    }
    series.dropOldest('overflow');
  }
}

/** The series whose oldest file is given up next; undefined where none has one. */
function leastWorth(
  allSeries: readonly Series[],
  policy: OverflowPolicy,
  clock: RecordClock,
): Series | undefined {
  const candidates = allSeries.flatMap((series) => {
    const { oldestTime } = series.log;
    return oldestTime === undefined ? [] : [{ series, madeMs: clock.madeMs(oldestTime) }];
  });
  const oldestFirst = candidates.toSorted((a, b) => a.madeMs - b.madeMs).map((one) => one.series);
  if (policy === 'keep-events') {
    return oldestFirst.find(({ kind }) => kind === 'prediction') ?? oldestFirst[0];
  }
  return oldestFirst[0];
}
