import { Resampler } from '../../sensor/resampler.js';

export interface RowRates {
  /** Rows a second in the recordings. */
  readonly fromHz: number;
  /** Samples a second that the model takes. */
  readonly toHz: number;
}

/**
 * Takes samples at the model's rate from the rows of a recording, as the daemon does from those of a sensor, and
 * finds the label and the targets of each: those of the row at its time, or of the last before it.
 */
export class RowResampler {
  readonly #periodMs: number;
  readonly #resampler: Resampler;
  readonly #values: number;
  readonly #targetCount: number;
  /** Rows since the recording began, those out of bounds too. */
  #rows = 0;
  /** Labels and targets of the newest rows, by their number modulo the size. */
  readonly #labels: Int32Array;
  readonly #targets: Float64Array;
  readonly #timeMs = new Float64Array(1);

  /**
   * @param values numbers of a row
   * @param targetCount numbers that the model should give for it
   */
  constructor(values: number, targetCount: number, { fromHz, toHz }: RowRates) {
    this.#periodMs = 1000 / fromHz;
    this.#resampler = new Resampler(values, fromHz, toHz);
    this.#values = values;
    this.#targetCount = targetCount;
    const remembered = this.#resampler.delayRows + 2;
    this.#labels = new Int32Array(remembered);
    this.#targets = new Float64Array(remembered * targetCount);
  }

  /** Begins a recording. */
  begin(): void {
    this.#resampler.reset();
    this.#rows = 0;
  }

  /** Takes the place of a row that is no sample: a gap, behind which a stretch begins. */
  skip(): void {
    this.#resampler.reset();
    this.#rows += 1;
  }

  /**
   * Takes the next row.
   *
   * @param values of the row; may be longer
   * @returns samples that can now be given, by `sample`, `labelOf` and `targetsOf`
   */
  take(values: Float32Array, label: number, targets: Float64Array): number {
    const slot = this.#rows % this.#labels.length;
    this.#labels[slot] = label;
    this.#targets.set(targets, slot * this.#targetCount);
    this.#timeMs[0] = this.#rows * this.#periodMs;
    this.#rows += 1;
    return this.#resampler.run(values, this.#timeMs, 1);
  }

  /** Returns where the values of sample `n` of the last row stand in `values`. */
  offset(n: number): number {
    return n * this.#values;
  }

  /** Values of the samples of the last row; reused by the next. */
  get values(): Float32Array {
    return this.#resampler.values;
  }

  labelOf(n: number): number {
    return this.#labels[this.#slotOf(n)] ?? 0;
  }

  /** Writes what the model should give for a sample. */
  targetsOf(n: number, targets: Float64Array, at: number): void {
    const from = this.#slotOf(n) * this.#targetCount;
    targets.set(this.#targets.subarray(from, from + this.#targetCount), at);
  }

  /** The remembered row at the time of a sample; a time that is a row's own but for rounding is that row's. */
  #slotOf(n: number): number {
    const atMs = this.#resampler.monotonicMs[n] ?? 0;
    return Math.floor(atMs / this.#periodMs + 1e-6) % this.#labels.length;
  }
}
