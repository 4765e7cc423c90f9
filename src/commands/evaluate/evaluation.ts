import type { FeatureParts } from '../../agent/feature-parts.js';
import { headSettings } from '../../agent/head-settings.js';
import { streamHeads } from '../../agent/stream-heads.js';
import { weightsOf } from '../../agent/stream-weights.js';
import { LstmdError } from '../../base/errors.js';
import type { Sketch } from '../../evaluation/series-sketch.js';
import { modes, type Mode, type StreamPlan } from '../../model/plan/stream-plan.js';
import { headJudging, type HeadJudging } from './head-judging.js';
import { openMode, type RunningMode } from './running-mode.js';
import type { EvaluateOptions } from './options.js';
import type { Recording } from './recording-list.js';
import { RecordingPass, type PassResult } from './recording-pass.js';
import { referenceStatistics, type ReferenceStatistics } from './reference-statistics.js';
import type { DataFacts, EvaluationReport, ModelFacts, ModeReport } from './report.js';
import type { Subject } from './subject.js';

/** Holds what an evaluation found, and what its page shows beside the figures. */
export interface Evaluation {
  readonly report: EvaluationReport;
  readonly reference: ReferenceStatistics;
  readonly recordings: PassResult['recordings'];
  readonly series: readonly ModeSeries[];
}

/** The course of the numbers of one mode. */
export interface ModeSeries {
  readonly mode: Mode;
  /** Samples from one output to the next. */
  readonly stride: number;
  readonly names: readonly string[];
  /** For each number the index of the one that should be this; undefined for those that the model gave. */
  readonly targetOf: readonly (number | undefined)[];
  /** For each recording that of each number. */
  readonly recordings: readonly (readonly Sketch[])[];
}

/**
 * Judges one head of a model on recordings, in every mode that is exact, or in the one that was asked for.
 *
 * @throws LstmdError `model.mode` where no mode is exact, `usage.invalid` for options that do not fit the model
 */
export async function evaluateModel(
  subject: Subject,
  recordings: readonly Recording[],
  parts: FeatureParts,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { plan, config } = subject;
  const index = headIndex(plan, options.head);
  const settings = headSettings(plan, config);
  const setting = settings[index];
  const { labels } = await streamHeads(
    settings.some(({ needsWhole }) => needsWhole) ? subject.compile('whole') : plan,
    settings,
    config,
  );
  const named = labels.heads[index];
  if (setting === undefined || named === undefined) {
    throw new RangeError('a model has a setting for each output');
  }
  const judging = headJudging(setting, named, options);
  judging.labeller.check(recordings.map(({ path }) => path));
  const { running, refused } = await openModes(subject, options, index, judging);
  const pass = await new RecordingPass({
    recordings,
    readings: subject.readings,
    features: plan.features,
    fields: subject.fields,
    parts,
    rates: subject.rates,
    labeller: judging.labeller,
    runs: running.map(({ run }) => run),
  }).run();
  const model: ModelFacts = {
    file: subject.modelFile,
    origin: plan.origin,
    sha256: plan.sha256,
    task: setting.task,
    taskFrom: taskFrom(setting.taskFrom, options),
    head: plan.outputs.length > 1 ? setting.name : null,
    classes: judging.classes,
  };
  const found = new Map<Mode, ModeReport>(refused);
  for (const { mode, exact, run, judge } of running) {
    found.set(mode, { ...exact, resets: run.resets, ...judge.report() });
  }
  const ofModes = running.map(
    ({ mode, exact, statistics }) =>
      [mode, Object.assign({ stride: exact.stride }, statistics.figures())] as const,
  );
  return {
    report: {
      model,
      data: dataFacts(pass, judging),
      labelsAt: options.labelsAt,
      far: options.far,
      modes: Object.fromEntries(modes.flatMap((mode) => entryOf(found, mode))),
    },
    reference: referenceStatistics(
      model,
      subject.features,
      pass.features,
      pass.samples,
      Object.fromEntries(ofModes),
    ),
    recordings: pass.recordings,
    series: running.map(({ mode, exact, sketches }) => ({
      mode,
      stride: exact.stride,
      names: sketches?.numbers.map(({ name }) => name) ?? [],
      targetOf: sketches?.numbers.map(({ targetOf }) => targetOf) ?? [],
      recordings: sketches?.sketches ?? [],
    })),
  };
}

/** Returns who said what the task is. */
function taskFrom(configured: string, { task, classes }: EvaluateOptions): string {
  return task !== undefined ? '--task' : classes !== undefined ? '--classes' : configured;
}

function entryOf(found: ReadonlyMap<Mode, ModeReport>, mode: Mode): [Mode, ModeReport][] {
  const own = found.get(mode);
  return own === undefined ? [] : [[mode, own]];
}

function dataFacts(pass: PassResult, { labeller, classes }: HeadJudging): DataFacts {
  const counts = labeller.counts();
  return {
    recordings: pass.recordings.map(({ path, samples }) => ({ path, samples })),
    samples: pass.samples,
    unlabelled: labeller.unlabelled,
    outOfRange: pass.outOfRange,
    labels: counts,
    absentClasses:
      counts.length === 0
        ? []
        : classes.filter((name) => !counts.some((count) => count.class === name)),
  };
}

/** Opens the modes that are exact for what is judged, and says of the others why they are not. */
async function openModes(
  subject: Subject,
  options: EvaluateOptions,
  head: number,
  judging: HeadJudging,
): Promise<{ readonly running: RunningMode[]; readonly refused: [Mode, ModeReport][] }> {
  const running: RunningMode[] = [];
  const refused: [Mode, ModeReport][] = [];
  let fault: LstmdError | undefined;
  const weights = await weightsOf(subject.plan, subject.config.model, undefined);
  for (const mode of options.mode === undefined ? modes : [options.mode]) {
    const verdict = subject.plan.modes[mode];
    try {
      running.push(await openMode(subject, options, { mode, head, judging, weights }));
    } catch (error) {
      const isOfMode =
        error instanceof LstmdError &&
        (error.code === 'model.mode' || error.code === 'config.invalid');
      if (!isOfMode || options.mode !== undefined) {
        throw error;
      }
      fault ??= error;
      const reason: ModeReport = verdict.exact
        ? { exact: false, layer: subject.plan.name, reason: error.message }
        : verdict;
      refused.push([mode, reason]);
    }
  }
  const [first] = running;
  if (first === undefined && fault !== undefined) {
    throw fault;
  }
  if (first?.fallbackReason !== undefined) {
    process.stderr.write(`lstmd: using the reference engine: ${first.fallbackReason}\n`);
  }
  return { running, refused };
}

function headIndex({ outputs, name }: StreamPlan, wanted: string | undefined): number {
  const names = outputs.map((output) => output.name);
  if (wanted === undefined && outputs.length > 1) {
    throw new LstmdError(
      'usage.invalid',
      `${name} has several outputs: say with --head which is judged: ${names.join(', ')}`,
    );
  }
  const index = wanted === undefined ? 0 : names.indexOf(wanted);
  if (index < 0) {
    throw new LstmdError(
      'usage.invalid',
      `--head ${wanted} is no output of ${name}: ${names.join(', ')}`,
    );
  }
  return index;
}
