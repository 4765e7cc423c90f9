import { LstmdError } from '../base/errors.js';
import { attempt, raise, type FaultReport } from '../base/fault-report.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import { watchedRules, type WatchedRule } from '../publish/prediction/event-rules.js';
import { Affine } from '../publish/prediction/heads/affine.js';
import { ClassifyHead } from '../publish/prediction/heads/classify-head.js';
import { readErrorDistribution } from '../publish/prediction/heads/error-distribution.js';
import { ForecastHead } from '../publish/prediction/heads/forecast-head.js';
import type { Head } from '../publish/prediction/heads/head.js';
import { labelFaults, Labels, type NamedHead } from '../publish/prediction/heads/labels.js';
import { ReconstructHead } from '../publish/prediction/heads/reconstruct-head.js';
import { ReconstructionScore } from '../publish/prediction/heads/reconstruction-score.js';
import { RegressHead } from '../publish/prediction/heads/regress-head.js';
import { PublishGate } from '../publish/prediction/publish-gate.js';
import { SampleWindow } from '../publish/prediction/heads/sample-window.js';
import type { StreamConfig } from './config-schema.js';
import { placeOf, type HeadSettings } from './head-settings.js';
import { sampleRateHz, streamFeatures } from './stream-features.js';

/** Holds what is published of a stream: its heads, the events on them, and the samples that they are compared with. */
export interface StreamHeads {
  readonly settings: readonly HeadSettings[];
  readonly labels: Labels;
  readonly heads: readonly Head[];
  readonly samples: SampleWindow | undefined;
  readonly events: readonly WatchedRule[];
  readonly gate: PublishGate;
}

/** Floats that the forecasts that wait may take: 64 MiB. */
const maxPendingFloats = 2 ** 24;

/**
 * Makes the heads of a stream.
 *
 * @param plan as `settings` ask for it, of whole outputs or not
 * @param report takes each fault where all are wanted, and the heads and events at fault are left out
 * @throws LstmdError `config.invalid` naming the option that does not fit the model
 */
export async function streamHeads(
  plan: StreamPlan,
  settings: readonly HeadSettings[],
  config: StreamConfig,
  report: FaultReport = raise,
): Promise<StreamHeads> {
  const labels = namesOf(plan, settings, config, report);
  const memory = Math.max(0, ...settings.map(comparedSteps));
  const samples = memory === 0 ? undefined : new SampleWindow(plan.features, memory);
  const heads: Head[] = [];
  for (const [i, named] of labels.heads.entries()) {
    const setting = settings[i];
    if (setting === undefined) {
      throw new RangeError('a model has a setting for each output');
    }
    try {
      heads.push(await createHead(named, setting, samples, config));
    } catch (error) {
      if (!(error instanceof LstmdError)) {
        throw error;
      }
      const { code, faults, message } = error;
      const [{ at, message: what } = { at: undefined, message }] = faults;
      const isOfSeveral = plan.outputs.length > 1;
      const ofOutput = `output "${named.name}": ${what}`;
      report(isOfSeveral ? new LstmdError(code, ofOutput, { cause: error, at }) : error);
    }
  }
  const events = watchedRules(config.publish.events, heads, report);
  const gate =
    attempt(report, () => new PublishGate(config.publish, heads)) ??
    new PublishGate({ every: config.publish.every }, heads);
  return { settings, labels, heads, samples, events, gate };
}

/** Samples that a head compares its outputs with. */
function comparedSteps({ task, steps }: Pick<HeadSettings, 'task' | 'steps'>): number {
  return task === 'reconstruct' || task === 'forecast' ? steps : 0;
}

/** The names of all outputs: those of the configuration, else the axes where they are features. */
function namesOf(
  plan: StreamPlan,
  settings: readonly HeadSettings[],
  config: StreamConfig,
  report: FaultReport,
): Labels {
  const { model } = config;
  const features = streamFeatures(config);
  const shapes = settings.map(({ name, task, width, steps }, i) => {
    const isOfFeatures = comparedSteps({ task, steps }) > 0 && width === plan.features;
    const isOneValue = task === 'regress' && width === 1;
    return {
      name,
      size: width,
      steps,
      rowSteps: (plan.outputs[i]?.size ?? 0) / width,
      labels: model.heads?.[name]?.labels,
      defaults: isOfFeatures ? features : isOneValue ? [name] : undefined,
    };
  });
  const isReported = labelFaults(model.labels, shapes).map(report).length > 0;
  if (isReported) {
    return new Labels(
      undefined,
      shapes.map((shape) => ({ ...shape, labels: undefined })),
    );
  }
  const labels = new Labels(model.labels, shapes);
  for (const [i, { labels: names }] of labels.heads.entries()) {
    const { name, task } = settings[i] ?? {};
    const given = shapes[i]?.labels ?? (settings.length === 1 ? model.labels : undefined);
    if (task !== 'classify' && given !== undefined && given.length !== names.length) {
      const message = `${given.length} names for output "${name}" of ${names.length}: two names for one output are those of a probability, and the task is ${task}`;
      const at = shapes[i]?.labels === undefined ? [] : ['heads', name ?? ''];
      report(new LstmdError('config.invalid', message, { at: ['model', ...at, 'labels'] }));
    }
  }
  return labels;
}

async function createHead(
  named: NamedHead,
  { task, options, width, steps }: HeadSettings,
  samples: SampleWindow | undefined,
  config: StreamConfig,
): Promise<Head> {
  const { model, publish } = config;
  const { scale, offset, units, lead = 1, score } = options;
  const place = (option: 'scale' | 'offset' | 'units') => placeOf(named.name, option, model);
  const affine = () => new Affine(width, { scale, offset, units }, place);
  if (task === 'classify') {
    return new ClassifyHead(named, publish.steps);
  }
  if (task === 'regress' || samples === undefined) {
    return new RegressHead(named, affine(), publish.steps);
  }
  const features = streamFeatures(config);
  const columns = columnsOf(named.labels, features);
  const metric = score?.metric ?? 'mae';
  if (task === 'reconstruct') {
    checkColumns(named.labels, columns, features);
    const over = score?.over ?? (model.mode === 'sliding' ? 'all' : 'last');
    const file = score?.distribution;
    const at = [...placeOf(named.name, 'score', model), 'distribution'];
    const distribution = file === undefined ? undefined : await readErrorDistribution(file, at);
    const compared = new ReconstructionScore(
      { metric, over, distribution, at },
      steps,
      columns,
      samples.features,
    );
    return new ReconstructHead(named, compared, samples, publish.steps);
  }
  if (metric === 'mahalanobis') {
    throw new LstmdError('config.invalid', 'of a forecast it is mae or mse', {
      at: [...placeOf(named.name, 'score', model), 'metric'],
    });
  }
  const { stride } = model;
  if (((lead + steps) / stride) * steps * width > maxPendingFloats) {
    throw new LstmdError(
      'config.invalid',
      `forecasts of ${steps} steps, ${lead} ahead, are too many to keep until their samples come: raise stride, or lower lead`,
      { at: placeOf(named.name, 'lead', model) },
    );
  }
  return new ForecastHead(named, affine(), samples, {
    lead,
    rateHz: sampleRateHz(config),
    metric,
    columns,
    stride,
  });
}

/** For each output the feature of its name, -1 without one; by position where no name is a feature's. */
function columnsOf(labels: readonly string[], axes: readonly string[]): Int32Array {
  const byName = Int32Array.from(labels, (label) => axes.indexOf(label));
  return labels.length === axes.length && byName.every((column) => column < 0)
    ? Int32Array.from(labels, (_, i) => i)
    : byName;
}

/** @throws LstmdError `config.invalid` where an output reconstructs no feature */
function checkColumns(
  labels: readonly string[],
  columns: Int32Array,
  axes: readonly string[],
): void {
  const unknown = labels.find((_, i) => (columns[i] ?? -1) < 0);
  if (unknown !== undefined) {
    throw new LstmdError(
      'config.invalid',
      `a reconstruction of ${labels.length} numbers a step for ${axes.length} features: model.labels must name the feature of each, and "${unknown}" is none of ${axes.join(', ')}; or say model.task`,
      { at: ['model', 'labels'] },
    );
  }
}
