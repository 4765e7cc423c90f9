import { alarmThreshold, type AlarmThreshold } from '../../../evaluation/alarm-threshold.js';
import { ConfusionMatrix, type ClassFigures } from '../../../evaluation/confusion-matrix.js';
import {
  areaUnderRoc,
  averagePrecision,
  precisionRecallCurve,
  rocCurve,
  type PrecisionRecallPoint,
  type RocPoint,
} from '../../../evaluation/curves.js';
import { FloatList, joined } from '../../../evaluation/float-list.js';
import { meanOfKnown } from '../../../evaluation/mean.js';
import { rank } from '../../../evaluation/ranking.js';
import type { ClassNames } from '../labels/class-names.js';

/** How well the score of one class tells its samples from all others. */
export interface CurveReport {
  readonly class: string;
  readonly positives: number;
  readonly negatives: number;
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
  /** The lowest threshold with no more than the wanted rate of false alarms; null without a negative. */
  readonly alarm: AlarmThreshold | null;
  /** At most some 200 points; the areas are of all. */
  readonly roc: readonly RocPoint[];
  readonly precisionRecall: readonly PrecisionRecallPoint[];
}

/** The figures of outputs whose labels are known. */
export interface ClassifyFigures {
  readonly outputs: number;
  readonly accuracy: number | null;
  readonly balancedAccuracy: number | null;
  readonly macroF1: number | null;
  readonly correlation: number | null;
  /** Means of the curves that have one. */
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
  /** A row for each label, of counts by what the model calls it. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly (ClassFigures & { readonly class: string })[];
  readonly curves: readonly CurveReport[];
}

/** The scores of one class: of its own samples, and of all others. */
interface Scores {
  readonly own: FloatList;
  readonly others: FloatList;
}

/** Counts what outputs of one kind, warm or not, were. */
export class ClassTally {
  readonly matrix: ConfusionMatrix;
  readonly scores: readonly Scores[];
  readonly #classes: ClassNames;

  constructor(classes: ClassNames) {
    this.#classes = classes;
    this.matrix = new ConfusionMatrix(classes.names.length);
    this.scores = classes.positives.map(() => ({ own: new FloatList(), others: new FloatList() }));
  }

  /**
   * @param rows the head's numbers are `size` floats from `at` on
   * @param predicted what the model calls the row
   */
  add(rows: Float32Array, at: number, size: number, label: number, predicted: number): void {
    this.matrix.add(label, predicted);
    for (const [n, positive] of this.#classes.positives.entries()) {
      const scores = this.scores[n];
      const list = label === positive ? scores?.own : scores?.others;
      list?.push(rows[size === 1 ? at : at + positive] ?? Number.NaN);
    }
  }
}

/** The figures of several tallies together. */
export function classifyFigures(
  tallies: readonly ClassTally[],
  classes: ClassNames,
  falseAlarmRate: number,
): ClassifyFigures {
  const { names, positives } = classes;
  const matrix = new ConfusionMatrix(names.length);
  for (const tally of tallies) {
    matrix.addAll(tally.matrix);
  }
  const curves = positives.map((positive, n) => {
    const of = (key: keyof Scores) =>
      joined(tallies.flatMap(({ scores }) => scores[n]?.[key] ?? []));
    return curveOf(names[positive] ?? '', of('own'), of('others'), falseAlarmRate);
  });
  const { accuracy, balancedAccuracy, macroF1, correlation } = matrix;
  return {
    outputs: matrix.total,
    accuracy,
    balancedAccuracy,
    macroF1,
    correlation,
    rocAuc: meanOfKnown(curves.map((curve) => curve.rocAuc)),
    averagePrecision: meanOfKnown(curves.map((curve) => curve.averagePrecision)),
    confusion: matrix.rows(),
    classes: matrix
      .figures()
      .map((figures, n) => Object.assign({ class: names[n] ?? '' }, figures)),
    curves,
  };
}

/**
 * The curve of one class, or of what a score is for.
 *
 * @param own its scores; sorted in place, as are those of all `others`
 */
export function curveOf(
  name: string,
  own: Float32Array,
  others: Float32Array,
  falseAlarmRate: number,
): CurveReport {
  const ranking = rank(own, others);
  return {
    class: name,
    positives: own.length,
    negatives: others.length,
    rocAuc: areaUnderRoc(ranking),
    averagePrecision: averagePrecision(ranking),
    // Both are in ascending order since they were ranked.
    alarm: alarmThreshold(others, own, falseAlarmRate),
    roc: rocCurve(ranking),
    precisionRecall: precisionRecallCurve(ranking),
  };
}
