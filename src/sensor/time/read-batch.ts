import type { DeviceColumns } from '../decoders/decoder.js';
import type { GapReason } from '../sample-block.js';

/**
 * The rows that one read brought. They are kept until all have come, because their times depend on
 * how many there are, lost ones included.
 */
export class ReadBatch {
  /** `count x axes` features, row-major; may be longer than that. */
  values: Float32Array;
  /** Acquisition time of each good row, monotonic, once a clock has written it; may be longer than `count`. */
  monotonicMs = new Float64Array(64);
  /** Says where each good row stands on the sensor's own time scale, once a clock has found out; likewise. */
  positionMs = new Float64Array(64);
  /** Holds what the sensor says of the time of each good row, and its count of it; NaN where it says nothing. */
  deviceTimeMs = new Float64Array(64);
  deviceCounter = new Float64Array(64);
  /** Good rows. */
  count = 0;
  /** Good and lost rows. */
  arrived = 0;
  readonly #axes: number;
  /** Where each good row stands among all that arrived; not written while none of them is lost. */
  #indexes = new Int32Array(64);
  /** Why samples are missing before a row; nothing for most, and empty where there are none. */
  readonly #missingBefore: (GapReason | undefined)[] = [];

  constructor(axes: number) {
    this.#axes = axes;
    this.values = new Float32Array(64 * axes);
  }

  /**
   * Makes room for rows; the arrays only grow when a read is larger than any before.
   *
   * @returns where in `values` the first of them begins
   */
  reserve(rows = 1): number {
    while (this.count + rows > this.monotonicMs.length) {
      const capacity = this.monotonicMs.length;
      this.values = grown(this.values, new Float32Array(2 * capacity * this.#axes));
      this.monotonicMs = grown(this.monotonicMs, new Float64Array(2 * capacity));
      this.positionMs = grown(this.positionMs, new Float64Array(2 * capacity));
      this.deviceTimeMs = grown(this.deviceTimeMs, new Float64Array(2 * capacity));
      this.deviceCounter = grown(this.deviceCounter, new Float64Array(2 * capacity));
      this.#indexes = grown(this.#indexes, new Int32Array(2 * capacity));
    }
    return this.count * this.#axes;
  }

  /** Notes the sensor's own time of the row that was written where `reserve` said, before it is kept. */
  stamp(deviceTimeMs = Number.NaN, counter = Number.NaN): void {
    this.deviceTimeMs[this.count] = deviceTimeMs;
    this.deviceCounter[this.count] = counter;
  }

  /** As `stamp`, for rows that were written one after the other. */
  stampAll({ timeMs, counter }: DeviceColumns, rows: number): void {
    const { count, deviceTimeMs, deviceCounter } = this;
    for (let row = 0; row < rows; row += 1) {
      deviceTimeMs[count + row] = timeMs[row] ?? Number.NaN;
      deviceCounter[count + row] = counter[row] ?? Number.NaN;
    }
  }

  /**
   * Keeps the rows that were written where `reserve` said.
   *
   * @param missingBefore why samples are missing between the last good row and the first of these, if any are
   */
  keep(missingBefore: GapReason | undefined, rows = 1): void {
    if (this.arrived > this.count) {
      for (let row = 0; row < rows; row += 1) {
        this.#indexes[this.count + row] = this.arrived + row;
      }
    }
    if (missingBefore !== undefined) {
      this.explainGap(this.count, missingBefore);
    }
    this.arrived += rows;
    this.count += rows;
  }

  /** Counts a row that was lost. */
  lose(): void {
    if (this.arrived === this.count) {
      for (let row = 0; row < this.count; row += 1) {
        this.#indexes[row] = row;
      }
    }
    this.arrived += 1;
  }

  /** Number of a good row among all that arrived, counted from 0. */
  indexOf(row: number): number {
    return this.arrived === this.count ? row : (this.#indexes[row] ?? 0);
  }

  /** True when samples are missing before one of the rows. */
  get hasGaps(): boolean {
    return this.#missingBefore.length > 0;
  }

  missingBefore(row: number): GapReason | undefined {
    return this.#missingBefore[row];
  }

  /** Says why samples are missing before a row, where nothing is said yet. */
  explainGap(row: number, reason: GapReason): void {
    this.#missingBefore[row] ??= reason;
  }

  clear(): void {
    this.count = 0;
    this.arrived = 0;
    if (this.hasGaps) {
      this.#missingBefore.length = 0;
    }
  }
}

function grown<T extends Float32Array | Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
