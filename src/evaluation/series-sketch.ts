/** The lowest and highest value of each stretch of a series, as much as a chart can show. */
export interface Sketch {
  /** Samples of a stretch; the last one may have fewer. */
  readonly stretch: number;
  /** Samples of the series. */
  readonly length: number;
  /** NaN where a stretch has no value. */
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Stretches that a chart shows at most; an even number. */
const mostStretches = 512;

/** Draws a series of unknown length in bounded memory: stretches are joined in pairs when there are too many. */
export class SeriesSketch {
  readonly #low = new Float32Array(mostStretches).fill(Number.NaN);
  readonly #high = new Float32Array(mostStretches).fill(Number.NaN);
  #stretch = 1;
  #length = 0;

  /** @param value NaN where there is none */
  add(value: number): void {
    if (this.#length === this.#stretch * mostStretches) {
      this.#joinPairs();
    }
    const at = Math.floor(this.#length / this.#stretch);
    this.#length += 1;
    if (!Number.isNaN(value)) {
      this.#low[at] = lower(this.#low[at], value);
      this.#high[at] = higher(this.#high[at], value);
    }
  }

  get sketch(): Sketch {
    const count = Math.ceil(this.#length / this.#stretch);
    return {
      stretch: this.#stretch,
      length: this.#length,
      low: this.#low.slice(0, count),
      high: this.#high.slice(0, count),
    };
  }

  #joinPairs(): void {
    for (let n = 0; n < mostStretches / 2; n += 1) {
      this.#low[n] = lower(this.#low[2 * n], this.#low[2 * n + 1]);
      this.#high[n] = higher(this.#high[2 * n], this.#high[2 * n + 1]);
    }
    this.#low.fill(Number.NaN, mostStretches / 2);
    this.#high.fill(Number.NaN, mostStretches / 2);
    this.#stretch *= 2;
  }
}

/** The lower of two values, of which either may be NaN. */
function lower(a = Number.NaN, b = Number.NaN): number {
  return Number.isNaN(a) || b < a ? b : a;
}

function higher(a = Number.NaN, b = Number.NaN): number {
  return Number.isNaN(a) || b > a ? b : a;
}
