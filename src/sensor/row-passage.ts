import type { FeatureChain } from './features/feature-chain.js';
import type { GapFiller } from './gap-filler.js';
import type { Resampler } from './resampler.js';
import type { GapReason, SampleSink } from './sample-block.js';
import type { ReadBatch } from './time/read-batch.js';
import type { SampleClock } from './time/sample-clock.js';

export interface RowPassageOptions {
  readonly clock: SampleClock;
  /** Readings of a row. */
  readonly axes: number;
  /** Makes up rows in short gaps; without one there are none. */
  readonly filler?: GapFiller | undefined;
  /** Takes samples at another rate; without one a row is a sample. */
  readonly resampler?: Resampler | undefined;
  /** Makes features of rows; without one the values of a row are features already. */
  readonly chain?: FeatureChain | undefined;
  /** Filters forget at a longer gap; default never. */
  readonly resetAfterMs?: number | undefined;
}

/**
 * The last part of a sensor: rows of one read become samples with times and numbers, in as few blocks as the gaps
 * between them allow. A gap is passed on just before the sample that ends it, when its length is known.
 */
export class RowPassage {
  /** `passed` samples, of which `filled` were made up before they were taken at another rate. */
  readonly counters = { passed: 0, gaps: 0, filled: 0, nonFinite: 0 };

  readonly #clock: SampleClock;
  readonly #axes: number;
  readonly #filler: GapFiller | undefined;
  readonly #resampler: Resampler | undefined;
  readonly #chain: FeatureChain | undefined;
  readonly #resetAfterMs: number;
  /** Time of the last row, monotonic, and where it stood on the sensor's own time scale. */
  #lastRowMs: number | undefined;
  #lastPositionMs = 0;
  /** False where the sensor's own time scale has begun anew since the last row, as after a silence. */
  #isScaleContinued = true;
  /** Time of the last sample that was passed on, monotonic. */
  #lastMs: number | undefined;
  /** True when the samples at hand were made up. */
  #isFilled = false;
  /** True when the last row gave no features. */
  #isBroken = false;
  #features = new Float32Array(0);
  #timeMs = new Float64Array(0);

  constructor(options: RowPassageOptions) {
    const { clock, axes, filler, resampler, chain, resetAfterMs = Infinity } = options;
    this.#clock = clock;
    this.#axes = axes;
    this.#filler = filler;
    this.#resampler = resampler;
    this.#chain = chain;
    this.#resetAfterMs = resetAfterMs;
  }

  /** Gives the rows of one read their times and passes them on; the batch is empty after that. */
  pass(batch: ReadBatch, arrivalMs: number, sink: SampleSink): void {
    if (batch.arrived > 0) {
      this.#isScaleContinued = this.#clock.timeRead(batch, arrivalMs) && this.#isScaleContinued;
      const first = batch.hasGaps ? this.#passGaps(batch, sink) : 0;
      this.#rememberRow(batch, batch.count - 1);
      this.#passRows(batch, first, batch.count, sink);
    }
    batch.clear();
  }

  /**
   * Passes on the rows before each gap, and the gap.
   *
   * @returns the first row that is not passed on
   */
  #passGaps(batch: ReadBatch, sink: SampleSink): number {
    let first = 0;
    for (let row = 0; row < batch.count; row += 1) {
      const reason = batch.missingBefore(row);
      this.#rememberRow(batch, row - 1);
      if (reason !== undefined && this.#lastRowMs !== undefined) {
        this.#passRows(batch, first, row, sink);
        first = row;
        const lengthMs = (batch.monotonicMs[row] ?? 0) - this.#lastRowMs;
        this.#bridge(batch, row, lengthMs, reason, sink);
      }
    }
    return first;
  }

  /** Takes a row for the last one; -1 for none. */
  #rememberRow(batch: ReadBatch, row: number): void {
    if (row >= 0) {
      this.#lastRowMs = batch.monotonicMs[row] ?? 0;
      this.#lastPositionMs = batch.positionMs[row] ?? 0;
      this.#isScaleContinued = true;
    }
  }

  /** Tells the gap before a row, and fills it where that was asked for. */
  #bridge(
    batch: ReadBatch,
    row: number,
    lengthMs: number,
    reason: GapReason,
    sink: SampleSink,
  ): void {
    const filler = this.#filler;
    const endMs = batch.monotonicMs[row] ?? 0;
    // Times give way to arrivals that come late or early; how many rows are missing, the sensor's own scale knows better.
    const ownMs = this.#isScaleContinued
      ? (batch.positionMs[row] ?? 0) - this.#lastPositionMs
      : lengthMs;
    const filled = filler?.fill(lengthMs, endMs, batch.values, row * this.#axes, ownMs) ?? 0;
    this.counters.filled += filled;
    if (filler === undefined || filled === 0) {
      this.#resampler?.reset();
      this.#passGap(lengthMs, reason, 0, sink);
      return;
    }
    this.#passGap(lengthMs, reason, filled, sink);
    this.#isFilled = true;
    this.#passSegment(filler.values, filler.monotonicMs, filled, sink);
    this.#isFilled = false;
  }

  #passGap(lengthMs: number, reason: GapReason, filled: number, sink: SampleSink): void {
    this.counters.gaps += 1;
    if (filled === 0 && lengthMs > this.#resetAfterMs) {
      this.#chain?.reset();
    }
    this.#isBroken = false;
    sink.gap({ lengthMs, reason, filled });
  }

  /** Passes on the rows from `first` up to `end`, which is not one of them. */
  #passRows(batch: ReadBatch, first: number, end: number, sink: SampleSink): void {
    if (first === end) {
      return;
    }
    this.#filler?.remember(batch.values, (end - 1) * this.#axes);
    const values = first === 0 ? batch.values : batch.values.subarray(first * this.#axes);
    const monotonicMs = first === 0 ? batch.monotonicMs : batch.monotonicMs.subarray(first);
    this.#passSegment(values, monotonicMs, end - first, sink);
  }

  /** Passes on rows without a gap between them, at the rate that was asked for. */
  #passSegment(
    values: Float32Array,
    monotonicMs: Float64Array,
    count: number,
    sink: SampleSink,
  ): void {
    const resampler = this.#resampler;
    if (resampler === undefined) {
      this.#passSamples(values, monotonicMs, count, sink);
    } else {
      const taken = resampler.run(values, monotonicMs, count);
      this.#passSamples(resampler.values, resampler.monotonicMs, taken, sink);
    }
  }

  #passSamples(
    values: Float32Array,
    monotonicMs: Float64Array,
    count: number,
    sink: SampleSink,
  ): void {
    if (this.#timeMs.length < count) {
      this.#timeMs = new Float64Array(2 * count);
    }
    this.#clock.epochAll(monotonicMs, count, this.#timeMs);
    if (this.#chain === undefined) {
      this.#passBlock(values, this.#axes, 0, count, sink, false);
    } else {
      this.#passFeatures(this.#chain, values, monotonicMs, count, sink);
    }
    if (count > 0) {
      this.#lastMs = monotonicMs[count - 1];
    }
  }

  #passFeatures(
    chain: FeatureChain,
    values: Float32Array,
    monotonicMs: Float64Array,
    count: number,
    sink: SampleSink,
  ): void {
    const size = chain.names.length;
    if (this.#features.length < count * size) {
      this.#features = new Float32Array(2 * count * size);
    }
    let first = 0;
    let isSettling = chain.unsettledSamples > 0;
    for (let row = 0; row < count; row += 1) {
      if (!chain.apply(values, row * this.#axes, this.#features, row * size)) {
        this.#passBlock(this.#features, size, first, row, sink, isSettling);
        this.counters.nonFinite += 1;
        this.#isBroken = true;
        this.#lastMs = row > 0 ? monotonicMs[row - 1] : this.#lastMs;
        first = row + 1;
        isSettling = chain.unsettledSamples > 0;
      } else if (this.#isBroken) {
        this.#isBroken = false;
        if (this.#lastMs !== undefined) {
          this.#passGap((monotonicMs[row] ?? 0) - this.#lastMs, 'outOfRange', 0, sink);
        }
      }
    }
    this.#passBlock(this.#features, size, first, count, sink, isSettling);
  }

  /** Passes on samples from `first` up to `end`, which is not one of them. */
  #passBlock(
    values: Float32Array,
    features: number,
    first: number,
    end: number,
    sink: SampleSink,
    isSettling: boolean,
  ): void {
    if (first === end) {
      return;
    }
    const count = end - first;
    const firstSeq = this.counters.passed + 1;
    this.counters.passed += count;
    sink.block({
      count,
      features,
      values: first === 0 ? values : values.subarray(first * features),
      timeMs: first === 0 ? this.#timeMs : this.#timeMs.subarray(first),
      firstSeq,
      isSettling,
      isFilled: this.#isFilled,
    });
  }
}
