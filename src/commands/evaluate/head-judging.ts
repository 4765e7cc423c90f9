import type { HeadSettings } from '../../agent/head-settings.js';
import { LstmdError } from '../../base/errors.js';
import { noLabel } from '../../evaluation/window-label.js';
import type { NamedHead } from '../../publish/prediction/heads/labels.js';
import type { Head } from '../../publish/prediction/heads/head.js';
import { ClassifyJudge, type HeadPlace } from './judging/classify-judge.js';
import type { Judge, NamedNumber } from './judging/judge.js';
import { RegressJudge } from './judging/regress-judge.js';
import { ScoreJudge } from './judging/score-judge.js';
import { ClassLabeller } from './labels/class-labeller.js';
import { ClassNames } from './labels/class-names.js';
import { parseLabelSource } from './labels/label-source.js';
import { withoutLabels, type Labeller } from './labels/labeller.js';
import { TargetLabeller } from './labels/target-labeller.js';
import type { EvaluateOptions } from './options.js';
import type { TaskReport } from './report.js';

/** A head of a model in one mode, with its names. */
export interface OpenedHead {
  readonly head: Head;
  readonly named: NamedHead;
}

/** A judge of one mode, and what it found. */
export interface ModeJudge {
  readonly judge: Judge;
  /** The numbers that are published, of which statistics are kept. */
  readonly numbers: readonly NamedNumber[];
  /** Holds what a chart shows beside them. */
  readonly targets: readonly NamedNumber[];
  /** Says where probabilities stand in a row. */
  readonly probabilities: HeadPlace | undefined;
  report(): TaskReport;
}

/** How a head is judged, by its task. */
export interface HeadJudging {
  readonly labeller: Labeller;
  readonly classes: readonly string[];
  judge(opened: OpenedHead): ModeJudge;
}

/**
 * Chooses how a head is judged.
 *
 * @param named the names that the configuration gives the head's numbers
 * @throws LstmdError `usage.invalid` where the options do not fit the task
 */
export function headJudging(
  { task, name, width }: HeadSettings,
  named: NamedHead,
  options: EvaluateOptions,
): HeadJudging {
  const source = options.labels === undefined ? undefined : parseLabelSource(options.labels);
  const isScore = task === 'reconstruct' || task === 'forecast';
  if (source === undefined && !isScore && options.referenceOut === undefined) {
    const forms = task === 'classify' ? '--labels folder, --labels file or ' : '';
    throw usage(`say where the labels of the recordings are: ${forms}--labels column:NAME`);
  }
  if (options.normal !== undefined && !isScore) {
    throw usage(`--normal is for scores and errors, and the task of output "${name}" is ${task}`);
  }
  const classOptions = {
    positive: options.positive,
    normal: options.normal,
    renamed: options.map,
    ignored: options.ignore,
  };
  switch (task) {
    case 'classify': {
      const own = named.isNamed ? namesOf(named) : undefined;
      const classes = new ClassNames(width, { names: options.classes ?? own, ...classOptions });
      const labeller =
        source === undefined ? withoutLabels(noLabel) : new ClassLabeller(source, classes);
      return classifyJudging(labeller, classes, options.far);
    }
    case 'regress': {
      const labeller =
        source === undefined ? withoutLabels(noLabel) : new TargetLabeller(source, named.labels);
      return regressJudging(labeller);
    }
    case 'reconstruct':
    case 'forecast': {
      if (source === undefined) {
        // What is not known to be anything else is normal.
        return scoreJudging(task, withoutLabels(0), ['normal', 'anomaly'], options.far);
      }
      if (options.normal === undefined && options.positive === undefined) {
        throw usage(
          'say which label is no anomaly with --normal LABEL, or which alone is one with --positive LABEL',
        );
      }
      const classes = new ClassNames(1, { names: undefined, ...classOptions });
      return scoreJudging(task, new ClassLabeller(source, classes), classes.names, options.far);
    }
  }
}

function namesOf({ labels, negative }: NamedHead): readonly string[] {
  // A single name has no negative of its own.
  const isOwn = negative !== undefined && negative !== `not ${labels[0] ?? ''}`;
  return isOwn ? [negative, ...labels] : labels;
}

function classifyJudging(labeller: Labeller, classes: ClassNames, far: number): HeadJudging {
  return {
    labeller,
    classes: classes.names,
    judge: ({ named }) => {
      const size = named.labels.length;
      const place = { first: named.first + (named.steps - 1) * size, size };
      const judge = new ClassifyJudge(classes, place);
      const numbers = classes.names.slice(size === 1 ? 1 : 0).map((name, n) => ({
        name,
        read: (rows: Float32Array, offset: number) => rows[offset + place.first + n],
      }));
      const report = () => judge.report(far);
      return { judge, numbers, targets: [], probabilities: place, report };
    },
  };
}

function regressJudging(labeller: Labeller): HeadJudging {
  return {
    labeller,
    classes: [],
    judge: ({ head, named }) => {
      const numbers = named.labels.map((name) => measured(head, name, { value: name }));
      const judge = new RegressJudge(numbers);
      const targets = named.labels.slice(0, labeller.targetCount).map((name, n): NamedNumber => ({
        name: `${name}, as it should be`,
        targetOf: n,
        read: (_rows, _offset, { values, at }) => values[at + n],
      }));
      return { judge, numbers, targets, probabilities: undefined, report: () => judge.report() };
    },
  };
}

function scoreJudging(
  task: 'reconstruct' | 'forecast',
  labeller: Labeller,
  classes: readonly string[],
  far: number,
): HeadJudging {
  const name = task === 'reconstruct' ? 'score' : 'error';
  return {
    labeller,
    classes,
    judge: ({ head }) => {
      const score = measured(head, name, {});
      const judge = new ScoreJudge(score);
      return {
        judge,
        numbers: [score],
        targets: [],
        probabilities: undefined,
        report: () => judge.report(task, head.facts, classes[1] ?? '', far),
      };
    },
  };
}

/** A number of the row that the head took last, as the daemon publishes it. */
function measured(head: Head, name: string, of: Parameters<Head['measure']>[0]): NamedNumber {
  const read = head.measure(of);
  if (read === undefined) {
    throw usage(
      head.task === 'forecast'
        ? `output "${head.name}" forecasts none of the features: name those that it does with model.labels`
        : `output "${head.name}" has no ${name}`,
    );
  }
  return { name, read };
}

function usage(message: string): LstmdError {
  return new LstmdError('usage.invalid', message);
}
