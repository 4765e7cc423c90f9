/** Reads of so much time, or of so many periods if that is longer, are looked at together. */
const leastBinMs = 1000;
const leastPeriods = 20;
/** The drift is measured over at least and at most so many bins. */
const leastBins = 5;
const mostBins = 120;

/**
 * Measures how fast the sensor's time scale runs beside this machine's clock, and how unevenly its bytes arrive. An
 * adapter that holds bytes back delays most reads, but the least delayed of each second are as late as each other:
 * from these the drift is taken.
 */
export class DriftMeter {
  /** Milliseconds of this machine in one of the sensor; 1 until it is known. */
  ratio = 1;
  /** True when `ratio` was measured. */
  isMeasured = false;
  /** Standard deviation of the delays between acquisition and arrival in the last bin; undefined before the first. */
  jitterMs: number | undefined;
  /** Least delay of a read in the last whole bin, by the times that its rows were given; 0 before the first. */
  leastLagMs = 0;

  readonly #binMs: number;
  /** Each bin has the position of its least delayed read, and that delay; a ring. */
  readonly #positions = new Float64Array(mostBins);
  readonly #delays = new Float64Array(mostBins);
  /** Whole bins since the last reset. */
  #bins = 0;
  #binStartMs: number | undefined;
  #leastDelayMs = Infinity;
  #leastPositionMs = 0;
  #reads = 0;
  #leastLagInBinMs = Infinity;
  #lagSum = 0;
  #lagSquares = 0;

  constructor(periodMs: number) {
    this.#binMs = Math.max(leastBinMs, leastPeriods * periodMs);
  }

  /** Begins anew, since positions do not go on; the ratio that was known stays. */
  reset(): void {
    this.#bins = 0;
    this.#binStartMs = undefined;
    this.leastLagMs = 0;
  }

  /**
   * Takes a read.
   *
   * @param positionMs of its last row on the sensor's time scale
   * @param lagMs from the time that its last row was given to its arrival
   */
  add(positionMs: number, arrivalMs: number, lagMs: number): void {
    if (this.#binStartMs === undefined) {
      this.#beginBin(arrivalMs);
    } else if (arrivalMs - this.#binStartMs >= this.#binMs) {
      this.#endBin();
      this.#beginBin(arrivalMs);
    }
    const delayMs = arrivalMs - positionMs;
    if (delayMs < this.#leastDelayMs) {
      this.#leastDelayMs = delayMs;
      this.#leastPositionMs = positionMs;
    }
    this.#leastLagInBinMs = Math.min(this.#leastLagInBinMs, lagMs);
    this.#reads += 1;
    this.#lagSum += lagMs;
    this.#lagSquares += lagMs ** 2;
  }

  #beginBin(arrivalMs: number): void {
    this.#binStartMs = arrivalMs;
    this.#leastDelayMs = Infinity;
    this.#reads = 0;
    this.#leastLagInBinMs = Infinity;
    this.#lagSum = 0;
    this.#lagSquares = 0;
  }

  #endBin(): void {
    const mean = this.#lagSum / this.#reads;
    this.jitterMs = Math.sqrt(Math.max(0, this.#lagSquares / this.#reads - mean ** 2));
    this.leastLagMs = this.#leastLagInBinMs;
    const newest = this.#bins % mostBins;
    this.#positions[newest] = this.#leastPositionMs;
    this.#delays[newest] = this.#leastDelayMs;
    this.#bins += 1;
    if (this.#bins <= leastBins) {
      return;
    }
    const oldest = this.#bins <= mostBins ? 0 : this.#bins % mostBins;
    const passedMs = this.#leastPositionMs - (this.#positions[oldest] ?? 0);
    if (passedMs > 0) {
      this.ratio = 1 + (this.#leastDelayMs - (this.#delays[oldest] ?? 0)) / passedMs;
      this.isMeasured = true;
    }
  }
}
