import type { DeviceClock } from '../decoders/decoder.js';
import type { ReadBatch } from './read-batch.js';

/** By the sensor's own clock a sample is missing where two are further apart than so many of its usual steps. */
const mostPeriods = 1.8;
/** Weight of a step in the average of them. */
const usualWeight = 0.02;
/** Least distance of two rows whose times are the same, as those of a coarse clock are. */
const leastStepMs = 0.001;

/** Holds what tells the times of rows: their arrival, the sensor's counter, or its clock. */
export type TimelineSource = 'arrival' | 'counter' | 'deviceTime';

/**
 * Tells where the rows of a read stand on the sensor's own time scale, in its milliseconds: by its clock where rows have its
 * time, by its counter where they are counted, and else by how many arrived.
 */
export class Timeline {
  /** Samples that counter or clock show to be missing, without those that came and were told as lost. */
  lost = 0;
  /** How often counter or clock began anew. */
  restarts = 0;
  /** Position of the last row. */
  lastMs = 0;

  readonly #ownSource: TimelineSource;
  #isTrusted = true;
  readonly #periodMs: number;
  readonly #wrapMs: number | undefined;
  readonly #modulus: number;
  /** Device time or count of the last row that had one. */
  #lastMark = Number.NaN;
  /** How far rows without one have gone on since. */
  #sinceMarkMs = 0;
  /** Rows since the last good one that came and were lost: counter and clock show them to be missing too. */
  #toldLost = 0;
  /** Average of the steps by the sensor's clock: its rate may not be the nominal one. */
  #usualStepMs: number;

  constructor(periodMs: number, { time, counter }: DeviceClock) {
    this.#periodMs = periodMs;
    this.#usualStepMs = periodMs;
    this.#wrapMs = time?.wrapMs;
    this.#modulus = counter?.modulus ?? Infinity;
    this.#ownSource =
      time !== undefined ? 'deviceTime' : counter !== undefined ? 'counter' : 'arrival';
  }

  get source(): TimelineSource {
    return this.#isTrusted ? this.#ownSource : 'arrival';
  }

  /** Takes whether the sensor's clock or counter is gone by; the next row then begins by it, or by its arrival. */
  trust(isTrusted: boolean): void {
    this.#isTrusted = isTrusted;
    this.opened();
  }

  /** The link was opened anew: the sensor may have begun anew too, and its counter have gone round. */
  opened(): void {
    this.#lastMark = Number.NaN;
  }

  /**
   * Writes `batch.positionMs` of each row, and why rows are missing before it where only the sensor's own time tells.
   *
   * @param mostMs no row of the read can be so much younger than the last one, in the sensor's milliseconds
   * @returns false when the positions do not go on from those of the read before
   */
  place(batch: ReadBatch, mostMs: number): boolean {
    const startMs = this.lastMs;
    if (this.source === 'arrival') {
      const { positionMs, count } = batch;
      const periodMs = this.#periodMs;
      for (let row = 0; row < count; row += 1) {
        positionMs[row] = startMs + (batch.indexOf(row) + 1) * periodMs;
      }
      this.lastMs = startMs + batch.arrived * this.#periodMs;
      return true;
    }
    let isContinued = true;
    const first = this.source === 'counter' ? this.#countOn(batch, mostMs) : 0;
    let next = first;
    for (let row = first; row < batch.count; row += 1) {
      const index = batch.indexOf(row);
      this.#toldLost += index - next;
      next = index + 1;
      const leftMs = mostMs - (this.lastMs - startMs);
      isContinued =
        (this.source === 'counter'
          ? this.#count(batch, row, leftMs)
          : this.#follow(batch, row, leftMs)) && isContinued;
      batch.positionMs[row] = this.lastMs;
      this.#toldLost = 0;
    }
    this.#toldLost += batch.arrived - next;
    return isContinued;
  }

  /**
   * Goes on, as `#count` would, to the first rows of a read that are counted one after the other, and of which none was lost.
   *
   * @returns how many these are
   */
  #countOn(batch: ReadBatch, mostMs: number): number {
    if (
      batch.count < batch.arrived ||
      this.#sinceMarkMs !== 0 ||
      !(this.#periodMs >= leastStepMs)
    ) {
      return 0;
    }
    const { deviceCounter, positionMs, count } = batch;
    const startMs = this.lastMs;
    const stepMs = this.#periodMs;
    let lastMs = startMs;
    let mark = this.#lastMark;
    let row = 0;
    for (; row < count; row += 1) {
      if (deviceCounter[row] !== mark + 1 || !(stepMs <= mostMs - (lastMs - startMs))) {
        break;
      }
      mark += 1;
      lastMs += stepMs;
      positionMs[row] = lastMs;
    }
    if (row > 0) {
      this.#lastMark = mark;
      this.lastMs = lastMs;
      this.#toldLost = 0;
    }
    return row;
  }

  /** Goes on to a row by its device time. */
  #follow(batch: ReadBatch, row: number, mostMs: number): boolean {
    const mark = batch.deviceTimeMs[row] ?? Number.NaN;
    if (Number.isNaN(mark)) {
      return this.#passBy();
    }
    let passedMs = mark - this.#lastMark;
    if (passedMs < 0 && this.#wrapMs !== undefined) {
      passedMs += this.#wrapMs;
    }
    const stepMs = passedMs - this.#sinceMarkMs;
    if (!(passedMs >= 0 && stepMs <= mostMs)) {
      return this.#begin(batch, row, mark);
    }
    const usualMs = Math.max(this.#periodMs, this.#usualStepMs);
    if (stepMs > mostPeriods * usualMs) {
      this.#lose(batch, row, Math.max(1, Math.round(stepMs / usualMs) - 1));
    }
    this.#usualStepMs += usualWeight * (Math.min(stepMs, 3 * usualMs) - this.#usualStepMs);
    this.#goOn(mark, Math.max(stepMs, leastStepMs));
    return true;
  }

  /** Goes on to a row by its count. */
  #count(batch: ReadBatch, row: number, mostMs: number): boolean {
    const mark = batch.deviceCounter[row] ?? Number.NaN;
    if (Number.isNaN(mark)) {
      return this.#passBy();
    }
    let rows = mark - this.#lastMark;
    if (rows <= 0 && Number.isFinite(this.#modulus)) {
      rows += this.#modulus;
    }
    const stepMs = rows * this.#periodMs - this.#sinceMarkMs;
    if (!(rows > 0 && stepMs <= mostMs)) {
      return this.#begin(batch, row, mark);
    }
    const missing = Math.round(stepMs / this.#periodMs) - 1;
    if (missing > 0) {
      this.#lose(batch, row, missing);
    }
    this.#goOn(mark, Math.max(stepMs, leastStepMs));
    return true;
  }

  /** Takes that so many samples are missing before a row, some of which may have been told as lost. */
  #lose(batch: ReadBatch, row: number, missing: number): void {
    batch.explainGap(row, 'lost');
    this.lost += Math.max(0, missing - this.#toldLost);
  }

  #goOn(mark: number, stepMs: number): void {
    this.#lastMark = mark;
    this.#sinceMarkMs = 0;
    this.lastMs += stepMs;
  }

  /** Goes on to a row that tells nothing of its time. */
  #passBy(): boolean {
    this.#sinceMarkMs += this.#periodMs;
    this.lastMs += this.#periodMs;
    return true;
  }

  /** Goes on to a row whose time is none after the last one's; the first row after an opening is no restart. */
  #begin(batch: ReadBatch, row: number, mark: number): boolean {
    if (!Number.isNaN(this.#lastMark)) {
      this.restarts += 1;
      batch.explainGap(row, 'deviceRestarted');
    }
    this.#goOn(mark, this.#periodMs);
    return false;
  }
}
