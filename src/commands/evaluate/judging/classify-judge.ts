import { noLabel } from '../../../evaluation/window-label.js';
import type { ClassNames } from '../labels/class-names.js';
import { classifyFigures, ClassTally, type ClassifyFigures } from './class-figures.js';
import type { Judge } from './judge.js';

/** Says where the numbers of a head stand in a row of outputs. */
export interface HeadPlace {
  readonly first: number;
  readonly size: number;
}

/** How many outputs of a recording are right. */
export interface RecordingFigures {
  /** Index of the recording. */
  readonly recording: number;
  /** Outputs that were judged. */
  readonly outputs: number;
  readonly right: number;
}

/** Holds what a mode is worth to a head that classifies. */
export interface ClassifyReport {
  readonly task: 'classify';
  /** Outputs that were not judged, since their samples have no label or several. */
  readonly notJudged: number;
  /** Every output that was judged. */
  readonly all: ClassifyFigures;
  /** Those of them that are warm. */
  readonly warm: ClassifyFigures;
  /** One entry a recording, of all outputs that were judged. */
  readonly recordings: readonly RecordingFigures[];
}

/** Judges what a head calls each row by the label that it has. */
export class ClassifyJudge implements Judge {
  readonly #classes: ClassNames;
  readonly #place: HeadPlace;
  readonly #cold: ClassTally;
  readonly #warm: ClassTally;
  readonly #recordings: { recording: number; outputs: number; right: number }[] = [];
  #notJudged = 0;

  constructor(classes: ClassNames, place: HeadPlace) {
    this.#classes = classes;
    this.#place = place;
    this.#cold = new ClassTally(classes);
    this.#warm = new ClassTally(classes);
  }

  begin(recording: number): void {
    this.#recordings.push({ recording, outputs: 0, right: 0 });
  }

  output(rows: Float32Array, offset: number, isWarm: boolean, label: number): void {
    if (label === noLabel) {
      this.#notJudged += 1;
      return;
    }
    const { first, size } = this.#place;
    const predicted = predictedClass(rows, offset + first, size);
    const tally = isWarm ? this.#warm : this.#cold;
    tally.add(rows, offset + first, size, label, predicted);
    const recording = this.#recordings.at(-1);
    if (recording !== undefined) {
      recording.outputs += 1;
      recording.right += predicted === label ? 1 : 0;
    }
  }

  noOutput(): void {}

  /** @param falseAlarmRate that the thresholds are for */
  report(falseAlarmRate: number): ClassifyReport {
    const figures = (tallies: readonly ClassTally[]) =>
      classifyFigures(tallies, this.#classes, falseAlarmRate);
    return {
      task: 'classify',
      notJudged: this.#notJudged,
      all: figures([this.#cold, this.#warm]),
      warm: figures([this.#warm]),
      recordings: this.#recordings,
    };
  }
}

/** Returns what the daemon calls a row: by 0.5 of a single output, else by the largest, the first of equal ones. */
export function predictedClass(rows: Float32Array, at: number, size: number): number {
  if (size === 1) {
    return (rows[at] ?? 0) >= 0.5 ? 1 : 0;
  }
  let best = 0;
  for (let n = 1; n < size; n += 1) {
    if ((rows[at + n] ?? 0) > (rows[at + best] ?? 0)) {
      best = n;
    }
  }
  return best;
}
