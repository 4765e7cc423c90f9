/** Taps on each side of the middle one, for each input sample in an output period: as scipy.signal.decimate has it. */
const sideTaps = 10;

/**
 * The low-pass filter before fewer samples are taken: `scipy.signal.firwin(2 ceil(10 q) + 1, 1 / q)` for q input samples
 * in an output period, which is a windowed sinc (Hamming) with a cutoff at half of the output rate and the sum 1.
 */
export function antiAliasTaps(samplesPerOutput: number): Float64Array {
  const side = Math.ceil(sideTaps * samplesPerOutput);
  const size = 2 * side + 1;
  const taps = new Float64Array(size);
  let sum = 0;
  for (let n = 0; n < size; n += 1) {
    const x = (n - side) / samplesPerOutput;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const tap = sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (size - 1)));
    taps[n] = tap;
    sum += tap;
  }
  return taps.map((tap) => tap / sum);
}

/**
 * Takes samples at another rate from those of a stretch without a gap: at moments one output period apart, on the
 * straight line between two samples. To fewer samples it first filters out what they could not show; the filter has no
 * delay in time, but a sample comes out only once the ten output periods after it have come in, and the first
 * ten of a stretch are given up.
 */
export class Resampler {
  /** Holds what the last `run` gave: rows, and their monotonic times; reused by the next. */
  values = new Float32Array(0);
  monotonicMs = new Float64Array(0);

  readonly #axes: number;
  readonly #periodMs: number;
  readonly #taps: Float64Array;
  /** The newest rows and their times: at least one more than there are taps. */
  readonly #rows: Float64Array;
  readonly #times: Float64Array;
  readonly #capacity: number;
  #held = 0;
  /** The next output is at `start + outputs x period`. */
  #startMs: number | undefined;
  #outputs = 0;
  /** Filtered rows on both sides of an output. */
  readonly #before: Float64Array;
  readonly #after: Float64Array;

  constructor(axes: number, fromHz: number, toHz: number) {
    this.#axes = axes;
    this.#periodMs = 1000 / toHz;
    this.#taps = toHz < fromHz ? antiAliasTaps(fromHz / toHz) : Float64Array.of(1);
    this.#capacity = 4 * this.#taps.length + 64;
    this.#rows = new Float64Array(this.#capacity * axes);
    this.#times = new Float64Array(this.#capacity);
    this.#before = new Float64Array(axes);
    this.#after = new Float64Array(axes);
  }

  /** Rows that come in behind a row before it can be filtered. */
  get delayRows(): number {
    return (this.#taps.length - 1) / 2;
  }

  /** Begins a new stretch: a gap lies before the next row. */
  reset(): void {
    this.#held = 0;
    this.#startMs = undefined;
    this.#outputs = 0;
  }

  /**
   * Takes rows that follow those before.
   *
   * @returns the number of rows in `values`
   */
  run(values: Float32Array, monotonicMs: Float64Array, count: number): number {
    let outputs = 0;
    for (let row = 0; row < count; row += 1) {
      this.#hold(values, row, monotonicMs[row] ?? 0);
      outputs = this.#take(outputs);
    }
    return outputs;
  }

  #hold(values: Float32Array, row: number, atMs: number): void {
    if (this.#held === this.#capacity) {
      const kept = this.#taps.length;
      this.#rows.copyWithin(0, (this.#held - kept) * this.#axes);
      this.#times.copyWithin(0, this.#held - kept);
      this.#held = kept;
    }
    for (let axis = 0; axis < this.#axes; axis += 1) {
      this.#rows[this.#held * this.#axes + axis] = values[row * this.#axes + axis] ?? 0;
    }
    this.#times[this.#held] = atMs;
    this.#held += 1;
  }

  /** Takes the outputs up to the newest row that can be filtered; `outputs` of this run are there already. */
  #take(outputs: number): number {
    const size = this.#taps.length;
    if (this.#held < size) {
      return outputs;
    }
    const middle = this.#held - 1 - (size - 1) / 2;
    const atMs = this.#times[middle] ?? 0;
    this.#startMs ??= atMs;
    let nextMs = this.#startMs + this.#outputs * this.#periodMs;
    if (nextMs > atMs) {
      return outputs;
    }
    this.#filter(this.#held - size, this.#after);
    const isFirst = this.#outputs === 0;
    if (!isFirst) {
      this.#filter(this.#held - size - 1, this.#before);
    }
    const beforeMs = isFirst ? atMs : (this.#times[middle - 1] ?? 0);
    let count = outputs;
    while (nextMs <= atMs) {
      this.#reserve(count + 1);
      const share = isFirst ? 1 : (nextMs - beforeMs) / (atMs - beforeMs);
      for (let axis = 0; axis < this.#axes; axis += 1) {
        const [before, after] = [this.#before[axis] ?? 0, this.#after[axis] ?? 0];
        this.values[count * this.#axes + axis] = before + share * (after - before);
      }
      this.monotonicMs[count] = nextMs;
      count += 1;
      this.#outputs += 1;
      nextMs = this.#startMs + this.#outputs * this.#periodMs;
    }
    return count;
  }

  /** The filtered row of which the first tap lies on the held row `first`. */
  #filter(first: number, out: Float64Array): void {
    for (let axis = 0; axis < this.#axes; axis += 1) {
      let sum = 0;
      for (let n = 0; n < this.#taps.length; n += 1) {
        sum += (this.#taps[n] ?? 0) * (this.#rows[(first + n) * this.#axes + axis] ?? 0);
      }
      out[axis] = sum;
    }
  }

  #reserve(rows: number): void {
    if (this.monotonicMs.length < rows) {
      const capacity = 2 * rows + 64;
      const values = new Float32Array(capacity * this.#axes);
      values.set(this.values);
      this.values = values;
      const times = new Float64Array(capacity);
      times.set(this.monotonicMs);
      this.monotonicMs = times;
    }
  }
}
