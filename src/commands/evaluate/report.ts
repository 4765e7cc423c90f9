import type { LabelRule } from '../../evaluation/window-label.js';
import type { EngineName } from '../../engine/program/engine.js';
import type { WeightFormat } from '../../engine/program/weight-format.js';
import type { Mode } from '../../model/plan/stream-plan.js';
import type { Task } from '../../model/plan/task.js';
import type { ClassifyReport } from './judging/classify-judge.js';
import type { RegressReport } from './judging/regress-judge.js';
import type { ScoreReport } from './judging/score-judge.js';
import type { LabelCount } from './labels/label-tally.js';

/** Holds what `lstmd evaluate` found; with `--json` it is printed as it is. */
export interface EvaluationReport {
  readonly model: ModelFacts;
  readonly data: DataFacts;
  /** How an output is judged whose samples have several labels. */
  readonly labelsAt: LabelRule;
  /** Rate of false alarms that the thresholds are for. */
  readonly far: number;
  readonly modes: Readonly<Partial<Record<Mode, ModeReport>>>;
}

export interface ModelFacts {
  readonly file: string;
  readonly origin: string;
  readonly sha256: string;
  readonly task: Task;
  /** Holds what the task was found by, or who said it. */
  readonly taskFrom: string;
  /** The output that is judged, where the model has several. */
  readonly head: string | null;
  /** Names of the classes; of one probability or a score the negative one and the positive one; none of values. */
  readonly classes: readonly string[];
}

export interface DataFacts {
  readonly recordings: readonly { readonly path: string; readonly samples: number }[];
  readonly samples: number;
  /** Samples that have no label. */
  readonly unlabelled: number;
  /** Rows that the configuration's bounds refuse. */
  readonly outOfRange: number;
  readonly labels: readonly LabelCount[];
  /** Classes that no sample has. */
  readonly absentClasses: readonly string[];
}

/** Holds what a mode is worth, by the task of the head that is judged. */
export type TaskReport = ClassifyReport | RegressReport | ScoreReport;

/** A mode that was evaluated, or the layer and the reason why it would not be exact. */
export type ModeReport =
  | (ExactMode & TaskReport)
  | { readonly exact: false; readonly layer: string; readonly reason: string };

export interface ExactMode {
  readonly exact: true;
  readonly engine: EngineName;
  readonly target: string;
  readonly weights: WeightFormat;
  readonly window: number | null;
  readonly stride: number;
  /** Samples from which on an output is warm. */
  readonly warmupSamples: number;
  /** How often the state exploded and was reset. */
  readonly resets: number;
}

/** The modes that were evaluated, in their order. */
export function evaluatedModes(report: EvaluationReport) {
  return Object.entries(report.modes).flatMap(([mode, found]) =>
    found.exact ? [{ mode, ...found }] : [],
  );
}
