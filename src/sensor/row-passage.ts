import type { SampleClock } from './clock.js';
import type { FeatureChain } from './features/feature-chain.js';
import type { ReadBatch } from './read-batch.js';
import type { GapReason, SampleSink } from './sample-block.js';

export interface RowPassageOptions {
  readonly clock: SampleClock;
  /** Readings of a row. */
  readonly axes: number;
  /** Makes features of rows; without one the values of a row are features already. */
  readonly chain?: FeatureChain | undefined;
  /** What filters remember is forgotten at a longer gap; default never. */
  readonly resetAfterMs?: number | undefined;
}

/**
 * The last part of a sensor: rows of one read become samples with times and numbers, in as few blocks as the gaps
 * between them allow. A gap is passed on just before the sample that ends it, when its length is known.
 */
export class RowPassage {
  readonly counters = { passed: 0, gaps: 0, nonFinite: 0 };

  readonly #clock: SampleClock;
  readonly #axes: number;
  readonly #chain: FeatureChain | undefined;
  readonly #resetAfterMs: number;
  /** Time of the last row, monotonic. */
  #lastRowMs: number | undefined;
  /** Time of the last sample that was passed on, monotonic. */
  #lastMs: number | undefined;
  /** Whether the last row gave no features. */
  #isBroken = false;
  #features = new Float32Array(0);
  #timeMs = new Float64Array(0);

  constructor({ clock, axes, chain, resetAfterMs = Infinity }: RowPassageOptions) {
    this.#clock = clock;
    this.#axes = axes;
    this.#chain = chain;
    this.#resetAfterMs = resetAfterMs;
  }

  /** Gives the rows of one read their times and passes them on; the batch is empty after that. */
  pass(batch: ReadBatch, arrivalMs: number, sink: SampleSink): void {
    if (batch.count > 0) {
      this.#clock.timeRead(batch, arrivalMs);
      let first = 0;
      for (let row = 0; row < batch.count; row += 1) {
        const atMs = batch.monotonicMs[row] ?? 0;
        const lengthMs = atMs - (this.#lastRowMs ?? atMs);
        const reason =
          batch.missingBefore(row) ?? (lengthMs > this.#clock.lateMs ? 'late' : undefined);
        if (reason !== undefined && this.#lastRowMs !== undefined) {
          this.#passRows(batch, first, row, sink);
          first = row;
          this.#passGap(lengthMs, reason, sink);
        }
        this.#lastRowMs = atMs;
      }
      this.#passRows(batch, first, batch.count, sink);
    }
    batch.clear();
  }

  #passGap(lengthMs: number, reason: GapReason, sink: SampleSink): void {
    this.counters.gaps += 1;
    if (lengthMs > this.#resetAfterMs) {
      this.#chain?.reset();
    }
    this.#isBroken = false;
    sink.gap({ lengthMs, reason });
  }

  /** Passes on the rows from `first` up to `end`, which is not one of them. */
  #passRows(batch: ReadBatch, first: number, end: number, sink: SampleSink): void {
    const values = first === 0 ? batch.values : batch.values.subarray(first * this.#axes);
    const monotonicMs = first === 0 ? batch.monotonicMs : batch.monotonicMs.subarray(first);
    this.#passSegment(values, monotonicMs, end - first, sink);
  }

  /** Passes on rows without a gap between them. */
  #passSegment(
    values: Float32Array,
    monotonicMs: Float64Array,
    count: number,
    sink: SampleSink,
  ): void {
    if (this.#timeMs.length < count) {
      this.#timeMs = new Float64Array(2 * count);
    }
    for (let row = 0; row < count; row += 1) {
      this.#timeMs[row] = this.#clock.epochMs(monotonicMs[row] ?? 0);
    }
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
          this.#passGap((monotonicMs[row] ?? 0) - this.#lastMs, 'outOfRange', sink);
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
    });
  }
}
