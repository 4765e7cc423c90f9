import type { Decoder } from '../sensor/decoders/decoder.js';
import type { Capture } from './capture.js';

/** Readings that are kept for a look at their size. */
const mostReadings = 60_000;
/** Reads that came at one moment were waiting together: their time tells nothing of the rate. */
const sameMomentMs = 2;

/** Holds what a decoder made of a capture. */
export interface Trial {
  readonly axes: number;
  readonly rows: number;
  readonly lost: number;
  readonly bytes: number;
  readonly counters: Readonly<Record<string, number>>;
  /** The unit of each axis where the format fixes it. */
  readonly units: Decoder['units'];
  /** Rows a second, by their arrival or by the sensor's own clock; undefined where too few came. */
  readonly rateHz: number | undefined;
  /** Row after row, as many as were kept. */
  readonly readings: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/** Has a decoder read a capture whose first byte may lie within a row. */
export function tryDecoder(decoder: Decoder, { chunks }: Capture): Trial {
  const { axes } = decoder;
  const readings: number[] = [];
  const min = Array.from({ length: axes }, () => Number.POSITIVE_INFINITY);
  const max = Array.from({ length: axes }, () => Number.NEGATIVE_INFINITY);
  const arrivals = new Arrivals();
  let rows = 0;
  let lost = 0;
  let bytes = 0;
  decoder.reset();
  for (const chunk of chunks) {
    bytes += chunk.bytes.length;
    decoder.push(chunk.bytes, {
      rows: (values, count) => {
        rows += count;
        arrivals.add(chunk.arrivalMs, count);
        for (let n = 0; n < count * axes; n += 1) {
          const value = values[n] ?? Number.NaN;
          const axis = n % axes;
          min[axis] = Math.min(min[axis] ?? value, value);
          max[axis] = Math.max(max[axis] ?? value, value);
          if (readings.length < mostReadings) {
            readings.push(value);
          }
        }
      },
      lost: (count) => {
        lost += count;
        arrivals.add(chunk.arrivalMs, count);
      },
    });
  }
  const { counters, units } = decoder;
  const { rateHz } = arrivals;
  return { axes, rows, lost, bytes, counters, units, rateHz, readings, min, max };
}

/** Rows with the times at which they came, of which the rate is the slope. */
class Arrivals {
  readonly #times: number[] = [];
  readonly #counts: number[] = [];
  #rows = 0;

  add(arrivalMs: number, rows: number): void {
    this.#rows += rows;
    const last = this.#times.length - 1;
    if (last >= 0 && arrivalMs - (this.#times[last] ?? 0) < sameMomentMs) {
      this.#counts[last] = this.#rows;
      return;
    }
    this.#times.push(arrivalMs);
    this.#counts.push(this.#rows);
  }

  /** The least-squares slope of the count over the time. */
  get rateHz(): number | undefined {
    const n = this.#times.length;
    if (n < 2) {
      return undefined;
    }
    const meanMs = this.#times.reduce((sum, ms) => sum + ms, 0) / n;
    const meanCount = this.#counts.reduce((sum, count) => sum + count, 0) / n;
    let products = 0;
    let squares = 0;
    for (const [at, ms] of this.#times.entries()) {
      products += (ms - meanMs) * ((this.#counts[at] ?? 0) - meanCount);
      squares += (ms - meanMs) ** 2;
    }
    return squares === 0 ? undefined : (1000 * products) / squares;
  }
}
