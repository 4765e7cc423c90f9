import { SeriesSketch, type Sketch } from '../../../evaluation/series-sketch.js';
import type { Judge, NamedNumber, Targets } from './judge.js';

/** Draws numbers of each recording over time, for charts. */
export class SketchJudge implements Judge {
  readonly numbers: readonly NamedNumber[];
  readonly #recordings: SeriesSketch[][] = [];

  constructor(numbers: readonly NamedNumber[]) {
    this.numbers = numbers;
  }

  begin(): void {
    this.#recordings.push(this.numbers.map(() => new SeriesSketch()));
  }

  output(
    rows: Float32Array,
    offset: number,
    _isWarm: boolean,
    _label: number,
    targets: Targets,
  ): void {
    for (const [n, number] of this.numbers.entries()) {
      this.#recordings.at(-1)?.[n]?.add(number.read(rows, offset, targets) ?? Number.NaN);
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
