import type { DeviceClock } from '../decoders/decoder.js';
import { DeviceClockWatch, type ClockFault } from './device-clock-watch.js';
import { DriftMeter } from './drift-meter.js';
import { EpochClock, leastSpacingMs, systemTime, type TimeSource } from './epoch-clock.js';
import type { ReadBatch } from './read-batch.js';
import { Timeline, type TimelineSource } from './timeline.js';

/** A USB adapter holds bytes back for 16 ms: a sample that is no later than this is not late. */
const bunchingMs = 20;
/** Times that lag behind the arrivals are brought up to them by at most this share of the time that has passed. */
const catchUpRate = 0.001;
/** The same while the drift is not known. */
const firstCatchUpRate = 0.02;
/** By its own clock and counter a sensor may be ahead of the arrivals by no more: this is a counter that began anew. */
const leastAheadMs = 200;
/** Until the drift is known, the sensor's clock may be off by so much. */
const mostDrift = 0.1;

/** Holds what is known of a sensor's times, for its health. */
export interface Timing {
  readonly source: TimelineSource;
  /** How much faster the sensor is than its nominal rate, or its clock than this machine's; null until known. */
  readonly driftPpm: number | null;
  /** Standard deviation of the delay from a sample to the read that brings it; null until known. */
  readonly jitterMs: number | null;
}

/**
 * Gives samples their acquisition times. Bytes arrive late and bunched, so that an arrival only says that a sample is
 * no younger. Distances are those of the sensor's own clock or counter, or one period each where it has neither, as long
 * as the sensor's second is by this machine's clock; the least delayed reads say when it all was. Times
 * always go on, and no sample is younger than its arrival.
 */
export class SampleClock {
  /** Nominal time from one sample to the next. */
  readonly periodMs: number;
  /** Without a clock of the sensor's own, two samples that are further apart have a gap between them. */
  readonly lateMs: number;

  readonly #time: TimeSource;
  readonly #epoch: EpochClock;
  readonly #timeline: Timeline;
  #drift: DriftMeter;
  /** Undefined where the sensor has no time of its own. */
  readonly #watch: DeviceClockWatch | undefined;
  /** Time of the last row, monotonic, and the arrival of the read that brought it. */
  #lastMs = -Infinity;
  #lastArrivalMs = -Infinity;
  /** True when the next read begins anew, by its arrival alone. */
  #isLoose = true;

  /**
   * @param options what the rows can tell of their own time, default nothing; and the system's clocks, of which tests
   *   pass their own
   */
  constructor(
    rateHz: number,
    { device = {}, time = systemTime }: { device?: DeviceClock; time?: TimeSource } = {},
  ) {
    this.periodMs = 1000 / rateHz;
    this.lateMs = Math.max(3 * this.periodMs, bunchingMs);
    this.#time = time;
    this.#epoch = new EpochClock(time);
    this.#timeline = new Timeline(this.periodMs, device);
    this.#drift = new DriftMeter(this.periodMs);
    if (this.#timeline.source !== 'arrival') {
      this.#watch = new DeviceClockWatch(this.periodMs, device);
    }
  }

  /** How often the system's clock was set, the sensor's began anew, and how many samples the latter shows missing. */
  get counters(): { readonly steps: number; readonly restarts: number; readonly lost: number } {
    const { lost, restarts } = this.#timeline;
    return { steps: this.#epoch.jumps, restarts, lost };
  }

  get timing(): Timing {
    const { isMeasured, ratio, jitterMs } = this.#drift;
    return {
      source: this.#timeline.source,
      driftPpm: isMeasured ? Math.round(1e6 * (1 / ratio - 1)) : null,
      jitterMs: jitterMs === undefined ? null : Math.round(1000 * jitterMs) / 1000,
    };
  }

  /**
   * How the sensor's own time contradicts the arrivals; undefined while it does not. As long as it does, times are made
   * as if the sensor had none.
   */
  get fault(): ClockFault | undefined {
    return this.#watch?.fault;
  }

  /** Tells that the link was opened now: no later sample was acquired before. */
  opened(): void {
    this.#lastMs = Math.max(this.#lastMs, this.#time.monotonicMs());
    this.#isLoose = true;
    this.#timeline.opened();
    this.#watch?.opened();
  }

  /** Writes the epoch times of the first `count` moments of the monotonic clock to `out`; moments come in their order. */
  epochAll(monotonicMs: Float64Array, count: number, out: Float64Array): void {
    this.#epoch.epochAll(monotonicMs, count, out);
  }

  /**
   * Gives the rows of a read their monotonic times, and says before which of them samples are missing. Lost rows, of
   * which a read may be nothing but, keep their places.
   *
   * @param arrivalMs when its bytes arrived, monotonic
   * @returns whether the sensor's own time scale goes on from the read before
   */
  timeRead(batch: ReadBatch, arrivalMs: number): boolean {
    const timeline = this.#timeline;
    if (this.#watch?.add(batch, arrivalMs) === true) {
      timeline.trust(this.#watch.fault === undefined);
      this.#drift = new DriftMeter(this.periodMs);
    }
    const { ratio } = this.#drift;
    const startMs = timeline.lastMs;
    const aheadMs =
      (arrivalMs - this.#lastMs) * (1 + mostDrift) + Math.max(leastAheadMs, this.lateMs);
    let isContinued = timeline.place(batch, aheadMs / ratio) && !this.#isLoose;
    if (isContinued && this.#isLate(batch.arrived, arrivalMs)) {
      batch.explainGap(0, 'late');
      isContinued = false;
    }
    this.#isLoose = false;
    const widthMs = timeline.lastMs - startMs;
    const earliestMs = this.#lastMs + batch.arrived * leastSpacingMs;
    let lastMs = Math.max(arrivalMs, earliestMs);
    let scale = Math.min(ratio, (lastMs - this.#lastMs) / widthMs);
    if (isContinued) {
      lastMs = Math.max(earliestMs, this.#caughtUp(this.#lastMs + widthMs * ratio, arrivalMs));
      scale = (lastMs - this.#lastMs) / widthMs;
    } else {
      this.#drift.reset();
    }
    let beforeMs = this.#lastMs;
    const { count, positionMs, monotonicMs } = batch;
    const endMs = timeline.lastMs;
    for (let row = 0; row < count; row += 1) {
      const atMs = lastMs - (endMs - (positionMs[row] ?? 0)) * scale;
      beforeMs = Math.max(atMs, beforeMs + leastSpacingMs);
      monotonicMs[row] = beforeMs;
    }
    this.#lastMs = Math.max(lastMs, beforeMs);
    this.#lastArrivalMs = arrivalMs;
    this.#drift.add(timeline.lastMs, arrivalMs, arrivalMs - lastMs);
    this.#epoch.follow(arrivalMs);
    return isContinued;
  }

  /**
   * Returns whether rows are missing before a read. Without a time of the sensor's own it comes late though it brings no more
   * rows than it does; with one, no read of a whole second came nearly as early as that time would have had it.
   */
  #isLate(rows: number, arrivalMs: number): boolean {
    return this.#timeline.source === 'arrival'
      ? arrivalMs - (rows - 1) * this.periodMs - this.#lastArrivalMs > this.lateMs
      : this.#drift.leastLagMs > Math.max(leastAheadMs, this.lateMs);
  }

  /** The time of a read's last row, from the one that is foretold: a little later where reads come later than that. */
  #caughtUp(foretoldMs: number, arrivalMs: number): number {
    const lagMs = arrivalMs - foretoldMs;
    if (lagMs <= 0) {
      return arrivalMs;
    }
    const rate = this.#drift.isMeasured ? catchUpRate : firstCatchUpRate;
    const slowMs = Math.min(lagMs, rate * (arrivalMs - this.#lastArrivalMs));
    const mostLagMs = this.#timeline.source === 'arrival' ? this.lateMs : Infinity;
    return foretoldMs + Math.max(slowMs, lagMs - mostLagMs);
  }
}
