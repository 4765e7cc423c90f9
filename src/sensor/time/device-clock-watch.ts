import type { DeviceClock } from '../decoders/decoder.js';
import type { ReadBatch } from './read-batch.js';

/** A window is so long, or so many nominal periods if that is longer: what an adapter holds back is little beside it. */
const leastWindowMs = 2000;
const leastPeriods = 20;
/** Clocks of sensors are off by less; what is off by more is in another unit or counts something else. */
const mostDifference = 0.1;

/** How the sensor's own clock or counter contradicts the arrivals of its rows. */
export interface ClockFault {
  readonly kind: 'time' | 'counter';
  /** Milliseconds of the sensor's clock in one of this machine; or counts a row. */
  readonly ratio: number;
  /** Rows a second that arrived. */
  readonly rowsHz: number;
}

/**
 * Compares a sensor's clock with this machine's, and its counter with the rows that arrive, in windows of 2 s or 20 nominal
 * periods. What two windows in succession agree on holds: a board that begins anew, or rows that were held back for long, spoil
 * one. A counter that rises more than once a row is right where the sensor is as fast as it says, and rows are lost.
 */
export class DeviceClockWatch {
  /** Undefined while clock or counter are as they should be, or nothing is known. */
  fault: ClockFault | undefined;

  readonly #kind: 'time' | 'counter';
  readonly #nominalHz: number;
  readonly #windowMs: number;
  readonly #wrap: number;
  #startMs: number | undefined;
  #lastMark = Number.NaN;
  /** Holds what clock or counter went on by in this window, rows of it, and whether it went backwards. */
  #passed = 0;
  #rows = 0;
  #isSpoilt = false;
  /** The same ratio in the window before; NaN where there was none. */
  #ratioBefore = Number.NaN;

  constructor(periodMs: number, { time, counter }: DeviceClock) {
    this.#kind = time === undefined ? 'counter' : 'time';
    this.#nominalHz = 1000 / periodMs;
    this.#windowMs = Math.max(leastWindowMs, leastPeriods * periodMs);
    this.#wrap = (time === undefined ? counter?.modulus : time.wrapMs) ?? Number.NaN;
  }

  /** Forgets what is under way: the link was opened anew. A fault stays until two windows contradict it. */
  opened(): void {
    this.#startMs = undefined;
    this.#ratioBefore = Number.NaN;
  }

  /**
   * Takes the rows of a read.
   *
   * @returns true when `fault` has come or gone with them
   */
  add(batch: ReadBatch, arrivalMs: number): boolean {
    const marks = this.#kind === 'time' ? batch.deviceTimeMs : batch.deviceCounter;
    const { count } = batch;
    let passed = this.#passed;
    let lastMark = this.#lastMark;
    for (let row = 0; row < count; row += 1) {
      const mark = marks[row] ?? Number.NaN;
      const step = mark - lastMark;
      if (step >= 0) {
        passed += step;
        lastMark = mark;
      } else if (!Number.isNaN(mark)) {
        passed += this.#stepBack(step);
        lastMark = mark;
      }
    }
    this.#passed = passed;
    this.#lastMark = lastMark;
    this.#rows += batch.arrived;
    if (this.#startMs === undefined) {
      // The rows of the first read came before the window began.
      this.#begin(arrivalMs);
      return false;
    }
    const lengthMs = arrivalMs - this.#startMs;
    return lengthMs >= this.#windowMs && this.#end(lengthMs, arrivalMs);
  }

  /** How far a mark is from the last one, by a step that is not forwards; a clock without end that goes backwards has begun anew. */
  #stepBack(step: number): number {
    this.#isSpoilt ||= !(step + this.#wrap >= 0);
    return this.#isSpoilt ? 0 : step + this.#wrap;
  }

  #begin(arrivalMs: number): void {
    this.#startMs = arrivalMs;
    this.#passed = 0;
    this.#rows = 0;
    this.#isSpoilt = false;
  }

  /** Judges a window that is over, and begins the next. */
  #end(lengthMs: number, arrivalMs: number): boolean {
    const rowsHz = (1000 * this.#rows) / lengthMs;
    const isTime = this.#kind === 'time';
    const ratio = this.#passed / (isTime ? lengthMs : this.#rows);
    const countsHz = (1000 * this.#passed) / lengthMs;
    const isRight = isClose(ratio, 1) || (!isTime && isClose(countsHz, this.#nominalHz));
    const isAgreed = !this.#isSpoilt && (isRight || isClose(ratio, this.#ratioBefore));
    this.#ratioBefore = this.#isSpoilt ? Number.NaN : ratio;
    this.#begin(arrivalMs);
    if (!isAgreed || isRight === (this.fault === undefined)) {
      return false;
    }
    this.fault = isRight ? undefined : { kind: this.#kind, ratio, rowsHz };
    return true;
  }
}

/** Returns whether two numbers are nearly the same; two zeros are, too. */
function isClose(value: number, to: number): boolean {
  return Math.abs(value - to) <= mostDifference * Math.abs(to);
}
