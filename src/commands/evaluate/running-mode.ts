import type { StreamConfig } from '../../agent/config-schema.js';
import { headSettings } from '../../agent/head-settings.js';
import { streamHeads } from '../../agent/stream-heads.js';
import { LstmdError } from '../../base/errors.js';
import type { WeightFormat } from '../../engine/program/weight-format.js';
import type { Mode } from '../../model/plan/stream-plan.js';
import { openStream } from '../../stream/model-stream.js';
import type { HeadJudging, ModeJudge } from './head-judging.js';
import { ModeRun } from './judging/mode-run.js';
import { OutputStatistics } from './judging/output-statistics.js';
import { SketchJudge } from './judging/sketch-judge.js';
import type { EvaluateOptions } from './options.js';
import type { ExactMode } from './report.js';
import type { Subject } from './subject.js';

/** A mode while its recordings are stepped. */
export interface RunningMode {
  readonly mode: Mode;
  readonly exact: Omit<ExactMode, 'resets'>;
  readonly run: ModeRun;
  readonly judge: ModeJudge;
  readonly statistics: OutputStatistics;
  /** Only where they are shown. */
  readonly sketches: SketchJudge | undefined;
  /** Why it does not run on the native engine. */
  readonly fallbackReason: string | undefined;
}

/**
 * Opens a model in one mode with what the daemon would make of its outputs.
 *
 * @param wanted.head index of the output that is judged
 * @throws LstmdError `model.mode` where the mode is not exact, `config.invalid` where it is not for the task
 */
export async function openMode(
  subject: Subject,
  options: EvaluateOptions,
  wanted: {
    readonly mode: Mode;
    readonly head: number;
    readonly judging: HeadJudging;
    readonly weights: WeightFormat;
  },
): Promise<RunningMode> {
  const { mode, head: index, judging, weights } = wanted;
  const config = inMode(subject.config, mode);
  const { engine, stride, warmupSamples } = config.model;
  // The verdict of the plan that has the last steps tells more of the model than that of the whole one.
  const settings = subject.plan.modes[mode].exact
    ? headSettings(subject.plan, config)
    : headSettings(subject.plan, inMode(subject.config, 'sliding'));
  const needsWhole = settings.some((setting) => setting.needsWhole);
  const plan = needsWhole && mode === 'sliding' ? subject.compile('whole') : subject.plan;
  const stream = await openStream(plan, { mode, engine, weights, stride, warmupSamples });
  const { program } = stream;
  if (options.labelsAt !== 'last' && plan.window === null) {
    throw new LstmdError(
      'usage.invalid',
      `--labels-at ${options.labelsAt} looks at the samples of a window, and the model takes any number: say how many with --window`,
    );
  }
  const published = await streamHeads(plan, settings, config);
  const head = published.heads[index];
  const named = published.labels.heads[index];
  if (head === undefined || named === undefined) {
    throw new RangeError('a model has a head for each output');
  }
  const judge = judging.judge({ head, named });
  const statistics = new OutputStatistics(judge.numbers, judge.probabilities);
  const sketches =
    options.html === undefined ? undefined : new SketchJudge([...judge.numbers, ...judge.targets]);
  const judges = [judge.judge, statistics, ...(sketches === undefined ? [] : [sketches])];
  return {
    mode,
    exact: {
      exact: true,
      engine: stream.engine,
      target: stream.target,
      weights: program.weights,
      window: plan.window,
      stride: program.stride,
      warmupSamples: program.warmupSamples,
    },
    run: new ModeRun(stream.stepper, options.labelsAt, published, judges),
    judge,
    statistics,
    sketches,
    fallbackReason: stream.fallbackReason,
  };
}

/** A configuration with another mode, and of its options those that the mode has. */
function inMode(config: StreamConfig, mode: Mode): StreamConfig {
  const { model } = config;
  return {
    ...config,
    model: {
      ...model,
      mode,
      stride: mode === 'sliding' ? model.stride : 1,
      warmupSamples: mode === 'sequence' ? undefined : model.warmupSamples,
    },
  };
}
