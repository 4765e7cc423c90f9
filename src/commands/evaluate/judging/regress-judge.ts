import { RegressionErrors, type RegressionFigures } from '../../../evaluation/regression-errors.js';
import { noLabel } from '../../../evaluation/window-label.js';
import type { Judge, NamedNumber, Targets } from './judge.js';

/** The errors of one value, in the user's units. */
export type ValueFigures = RegressionFigures & { readonly value: string };

/** The errors of a recording: over all values together. */
export interface RecordingErrors {
  readonly recording: number;
  readonly count: number;
  readonly mae: number | null;
}

/** Holds what a mode is worth to a head that regresses. */
export interface RegressReport {
  readonly task: 'regress';
  readonly notJudged: number;
  readonly all: readonly ValueFigures[];
  readonly warm: readonly ValueFigures[];
  readonly recordings: readonly RecordingErrors[];
}

/** Compares values with what they should be. */
export class RegressJudge implements Judge {
  readonly #values: readonly NamedNumber[];
  readonly #all: readonly RegressionErrors[];
  readonly #warm: readonly RegressionErrors[];
  readonly #recordings: RegressionErrors[] = [];
  #notJudged = 0;

  constructor(values: readonly NamedNumber[]) {
    this.#values = values;
    this.#all = values.map(() => new RegressionErrors());
    this.#warm = values.map(() => new RegressionErrors());
  }

  begin(): void {
    this.#recordings.push(new RegressionErrors());
  }

  output(
    rows: Float32Array,
    offset: number,
    isWarm: boolean,
    label: number,
    targets: Targets,
  ): void {
    if (label === noLabel) {
      this.#notJudged += 1;
      return;
    }
    for (const [n, value] of this.#values.entries()) {
      const found = value.read(rows, offset, targets) ?? Number.NaN;
      const target = targets.values[targets.at + n] ?? Number.NaN;
      this.#all[n]?.add(found, target);
      this.#recordings.at(-1)?.add(found, target);
      if (isWarm) {
        this.#warm[n]?.add(found, target);
      }
    }
  }

  noOutput(): void {}

  report(): RegressReport {
    const named = (errors: readonly RegressionErrors[]) =>
      errors.map((each, n) =>
        Object.assign({ value: this.#values[n]?.name ?? '' }, each.figures()),
      );
    return {
      task: 'regress',
      notJudged: this.#notJudged,
      all: named(this.#all),
      warm: named(this.#warm),
      recordings: this.#recordings.map((errors, recording) => {
        const { count, mae } = errors.figures();
        return { recording, count, mae };
      }),
    };
  }
}
