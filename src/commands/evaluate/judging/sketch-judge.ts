import { SeriesSketch, type Sketch } from '../../../evaluation/series-sketch.js';
import type { Judge } from './judge.js';

/** Draws numbers of each recording over time, for charts. */
export class SketchJudge implements Judge {
  readonly #places: readonly number[];
  readonly #recordings: SeriesSketch[][] = [];

  /** @param places where the numbers stand in a row of outputs */
  constructor(places: readonly number[]) {
    this.#places = places;
  }

  begin(): void {
    this.#recordings.push(this.#places.map(() => new SeriesSketch()));
  }

  output(rows: Float32Array, offset: number): void {
    for (const [n, place] of this.#places.entries()) {
      this.#recordings.at(-1)?.[n]?.add(rows[offset + place] ?? Number.NaN);
    }
  }

  noOutput(): void {
    for (const series of this.#recordings.at(-1) ?? []) {
      series.add(Number.NaN);
    }
  }

  /** For each recording the sketch of each number. */
  get sketches(): Sketch[][] {
    return this.#recordings.map((series) => series.map(({ sketch }) => sketch));
  }
}
