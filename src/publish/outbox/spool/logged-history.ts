import { clockStep } from '../../../base/clock-step.js';
import { datedPayload } from '../../prediction/dated-payload.js';
import type { RecordKind } from '../../prediction/record.js';
import type { Outcome } from '../contract/accounts.js';
import { recordOverheadBytes, type OutboxRecord } from '../contract/record.js';
import type { LoggedRecord } from './log-entry.js';
import type { RecordClock } from './record-clock.js';
import type { Series } from './series.js';

export interface LoggedHistoryOptions {
  /** In the order in which they are delivered. */
  readonly series: readonly Series[];
  readonly clock: RecordClock;
  /** A record that is older is dropped. */
  readonly maxAgeMs: number;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs: () => number;
  /** Called when records can be taken that were not in memory before. */
  readonly onReady: () => void;
  /** Told of files that cannot be read. */
  readonly unreadable: (error: unknown) => void;
}

/** The records on disk on their way to the publisher: read, dated by the clock of now, and settled. */
export class LoggedHistory {
  readonly #options: LoggedHistoryOptions;
  #isLoading = false;

  constructor(options: LoggedHistoryOptions) {
    this.#options = options;
  }

  /**
   * The next record to deliver, which is in flight from now on: each kind in the order of writing, and of
   * those in memory events first. Undefined where none is in memory; `onReady` is called when one is.
   */
  take(): OutboxRecord | undefined {
    if (this.pending === 0) {
      return undefined;
    }
    return this.#resent() ?? this.#read() ?? this.#loadMore();
  }

  /** Drops what is too old, as far as whole files are; any other old record is dropped when it is taken. */
  expire(): void {
    const { series, clock } = this.#options;
    for (const one of series) {
      for (;;) {
        const { oldestTime } = one.log;
        if (oldestTime === undefined || clock.madeMs(oldestTime) >= this.#oldestMs) {
          break;
        }
        one.dropOldest('expired');
      }
    }
  }

  /** Notes what became of a record that was taken. One that is not in flight is left alone. */
  settle(record: OutboxRecord, outcome: Outcome): void {
    this.#options.series.find(({ kind }) => kind === record.kind)?.taken.end(record, outcome);
  }

  /** The connection is lost: whatever is in flight is to be taken again, and first. */
  requeue(): void {
    for (const { taken } of this.#options.series) {
      taken.requeue();
    }
  }

  get inFlight(): number {
    return this.#options.series.reduce((sum, { taken }) => sum + taken.inFlight, 0);
  }

  /** Number of records on disk, or taken and not settled. */
  get pending(): number {
    return this.#options.series.reduce((sum, { pending }) => sum + pending, 0);
  }

  /** A record that was made before this is too old. */
  get #oldestMs(): number {
    return this.#options.monotonicMs() - this.#options.maxAgeMs;
  }

  #resent(): OutboxRecord | undefined {
    const redated = (record: OutboxRecord): OutboxRecord => this.#redated(record);
    for (const { taken } of this.#options.series) {
      for (
        let old = taken.nextToResend(redated);
        old !== undefined;
        old = taken.nextToResend(redated)
      ) {
        if (old.madeMs >= this.#oldestMs) {
          return old;
        }
        taken.end(old, 'expired');
      }
    }
    return undefined;
  }

  #read(): OutboxRecord | undefined {
    for (const { kind, log, taken } of this.#options.series) {
      for (let logged = log.next(); logged !== undefined; logged = log.next()) {
        const record = this.#fromLogged(kind, logged);
        taken.add(record);
        if (record.madeMs >= this.#oldestMs) {
          return record;
        }
        taken.end(record, 'expired');
      }
    }
    return undefined;
  }

  #loadMore(): undefined {
    if (!this.#isLoading) {
      this.#isLoading = true;
      void this.#load();
    }
  }

  async #load(): Promise<void> {
    const { series, onReady, unreadable } = this.#options;
    let isLoaded = false;
    try {
      for (const { log } of series) {
        isLoaded = (await log.load()) || isLoaded;
      }
    } catch (error) {
      unreadable(error);
    }
    this.#isLoading = false;
    if (isLoaded) {
      onReady();
    }
  }

  #fromLogged(kind: RecordKind, logged: LoggedRecord): OutboxRecord {
    const { clock } = this.#options;
    const { position, time, qos, stream, payload } = logged;
    return {
      stream,
      kind,
      payload: datedPayload(payload, clock.stepSince(time), clock.isUncertain(time)),
      qos,
      madeMs: clock.madeMs(time),
      offsetMs: clock.isThisBoot(time) ? clock.offsetMs : null,
      bytes: Buffer.byteLength(payload) + recordOverheadBytes,
      number: position,
      isHistory: true,
    };
  }

  /** A record that is sent again, with its time as the wall clock has it now. */
  #redated(record: OutboxRecord): OutboxRecord {
    const { offsetMs } = this.#options.clock;
    const stepMs = clockStep(record.offsetMs ?? offsetMs, offsetMs);
    return stepMs === 0
      ? record
      : { ...record, payload: datedPayload(record.payload, stepMs, false), offsetMs };
  }
}
