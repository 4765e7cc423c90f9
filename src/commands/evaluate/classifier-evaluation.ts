import { LstmdError } from '../../base/errors.js';
import {
  modes,
  type Mode,
  type ModelOutput,
  type StreamPlan,
} from '../../model/plan/stream-plan.js';
import type { Sketch } from '../../evaluation/series-sketch.js';
import type { FeatureParts } from '../../agent/feature-parts.js';
import { openStream } from '../../stream/model-stream.js';
import { ClassifyJudge, type HeadPlace } from './judging/classify-judge.js';
import { ModeRun } from './judging/mode-run.js';
import { OutputStatistics } from './judging/output-statistics.js';
import { SketchJudge } from './judging/sketch-judge.js';
import { ClassLabeller } from './labels/class-labeller.js';
import { ClassNames } from './labels/class-names.js';
import { parseLabelSource } from './labels/label-source.js';
import type { EvaluateOptions } from './options.js';
import type { Recording } from './recording-list.js';
import { RecordingPass, type PassResult } from './recording-pass.js';
import { referenceStatistics, type ReferenceStatistics } from './reference-statistics.js';
import type { EvaluationReport, ExactMode, ModeReport } from './report.js';
import type { Subject } from './subject.js';

/** What an evaluation found, and what its page shows beside the figures. */
export interface Evaluation {
  readonly report: EvaluationReport;
  readonly reference: ReferenceStatistics;
  readonly recordings: PassResult['recordings'];
  /** For each mode the names and, for each recording, the course of the numbers that are drawn. */
  readonly series: readonly ModeSeries[];
}

export interface ModeSeries {
  readonly mode: Mode;
  /** Samples from one output to the next. */
  readonly stride: number;
  readonly names: readonly string[];
  readonly recordings: readonly (readonly Sketch[])[];
}

/**
 * Judges a model that classifies.
 *
 * @throws LstmdError `model.mode` where no mode is exact
 */
export async function evaluateClassifier(
  subject: Subject,
  recordings: readonly Recording[],
  parts: FeatureParts,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { plan, config } = subject;
  const source = options.labels === undefined ? undefined : parseLabelSource(options.labels);
  if (source === undefined && options.referenceOut === undefined) {
    throw new LstmdError(
      'usage.invalid',
      'say where the labels of the recordings are: --labels folder, --labels file or --labels column:NAME',
    );
  }
  const { output, first } = headOf(plan, options.head);
  const place: HeadPlace = { first, size: output.size };
  const classes = new ClassNames(output.size, {
    names: options.classes ?? (plan.outputs.length === 1 ? config.model.labels : undefined),
    positive: options.positive,
    renamed: options.map,
    ignored: options.ignore,
  });
  const labeller = new ClassLabeller(source, classes);
  labeller.check(recordings.map(({ path }) => path));
  const running = await openModes(subject, options, { classes, place });
  const pass = await new RecordingPass({
    recordings,
    readings: subject.readings,
    features: plan.features,
    fields: subject.fields,
    parts,
    labeller,
    runs: running.map(({ run }) => run),
  }).run();
  const model = {
    file: subject.modelFile,
    origin: plan.origin,
    sha256: plan.sha256,
    task: 'classify',
    head: plan.outputs.length > 1 ? output.name : null,
    classes: classes.names,
  };
  const counts = labeller.counts();
  const report: EvaluationReport = {
    model,
    data: {
      recordings: pass.recordings.map(({ path, samples }) => ({ path, samples })),
      samples: pass.samples,
      unlabelled: labeller.unlabelled,
      outOfRange: pass.outOfRange,
      labels: counts,
      absentClasses:
        source === undefined
          ? []
          : classes.names.filter((name) => !counts.some((count) => count.class === name)),
    },
    labelsAt: options.labelsAt,
    far: options.far,
    modes: modesOf(plan, running, options),
  };
  const ofModes = running.map(
    ({ mode, statistics, exact }) =>
      [mode, { stride: exact.stride, ...statistics.figures() }] as const,
  );
  return {
    report,
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
      names: classes.names.slice(output.size === 1 ? 1 : 0),
      recordings: sketches?.sketches ?? [],
    })),
  };
}

/** A mode while its recordings are stepped. */
interface RunningMode {
  readonly mode: Mode;
  readonly exact: Omit<ExactMode, 'resets'>;
  readonly run: ModeRun;
  readonly judge: ClassifyJudge;
  readonly statistics: OutputStatistics;
  readonly sketches: SketchJudge | undefined;
}

async function openModes(
  { plan, config }: Subject,
  options: EvaluateOptions,
  { classes, place }: { readonly classes: ClassNames; readonly place: HeadPlace },
): Promise<RunningMode[]> {
  const wanted =
    options.mode === undefined ? modes.filter((mode) => plan.modes[mode].exact) : [options.mode];
  const running: RunningMode[] = [];
  // Without a mode that is exact, the first one says why it is not.
  for (const mode of wanted.length === 0 ? modes.slice(0, 1) : wanted) {
    const { engine, weights, stride, warmupSamples } = config.model;
    const stream = await openStream(plan, {
      mode,
      engine,
      weights,
      stride: mode === 'sliding' ? stride : 1,
      warmupSamples: mode === 'sequence' ? undefined : warmupSamples,
    });
    const { program } = stream;
    if (stream.fallbackReason !== undefined && running.length === 0) {
      process.stderr.write(`lstmd: using the reference engine: ${stream.fallbackReason}\n`);
    }
    if (options.labelsAt !== 'last' && program.window === 1 && plan.window === null) {
      throw new LstmdError(
        'usage.invalid',
        `--labels-at ${options.labelsAt} looks at the samples of a window, and the model takes any number: say how many with --window`,
      );
    }
    const judge = new ClassifyJudge(classes, place);
    const statistics = new OutputStatistics(outputNames(plan, classes, place), [
      { name: 'entropy', ...place },
    ]);
    const places = Array.from({ length: place.size }, (_, n) => place.first + n);
    const sketches = options.html === undefined ? undefined : new SketchJudge(places);
    const judges = [judge, statistics, ...(sketches === undefined ? [] : [sketches])];
    running.push({
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
      run: new ModeRun(stream.stepper, options.labelsAt, judges),
      judge,
      statistics,
      sketches,
    });
  }
  return running;
}

function modesOf(
  plan: StreamPlan,
  running: readonly RunningMode[],
  { mode: only, far }: EvaluateOptions,
): EvaluationReport['modes'] {
  const found = modes.flatMap((mode): [Mode, ModeReport][] => {
    const verdict = plan.modes[mode];
    const own = running.find((each) => each.mode === mode);
    if (own !== undefined) {
      return [[mode, { ...own.exact, resets: own.run.resets, ...own.judge.report(far) }]];
    }
    return only === undefined && !verdict.exact ? [[mode, verdict]] : [];
  });
  return Object.fromEntries(found);
}

/** The names of all outputs in a row: the classes, and for other heads their names with a number. */
function outputNames(plan: StreamPlan, classes: ClassNames, place: HeadPlace): string[] {
  let first = 0;
  return plan.outputs.flatMap(({ name, size }) => {
    const isJudged = first === place.first;
    first += size;
    const own = size === 1 ? classes.names.slice(1) : classes.names;
    return isJudged ? own : Array.from({ length: size }, (_, n) => `${name}.${n}`);
  });
}

function headOf(
  { outputs, name }: StreamPlan,
  wanted: string | undefined,
): { readonly output: ModelOutput; readonly first: number } {
  const names = outputs.map((output) => output.name);
  if (wanted === undefined && outputs.length > 1) {
    throw new LstmdError(
      'usage.invalid',
      `${name} has several outputs: say with --head which is judged: ${names.join(', ')}`,
    );
  }
  const index = wanted === undefined ? 0 : names.indexOf(wanted);
  const output = outputs[index];
  if (output === undefined) {
    throw new LstmdError(
      'usage.invalid',
      `--head ${wanted} is no output of ${name}: ${names.join(', ')}`,
    );
  }
  const first = outputs.slice(0, index).reduce((sum, { size }) => sum + size, 0);
  return { output, first };
}
