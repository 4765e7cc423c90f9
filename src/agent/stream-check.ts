import { LstmdError, type ErrorCode, type OptionFault } from '../base/errors.js';
import { attempt, type FaultReport } from '../base/fault-report.js';
import type { Fault } from '../config/fault.js';
import { isTouched } from '../config/sound-part.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import { openStream, type ModelStream } from '../stream/model-stream.js';
import type { StreamConfig } from './config-schema.js';
import { requireInputs } from './input-options.js';
import { headSettings } from './head-settings.js';
import { faultOfSection, plansOf, type ModelPlans } from './model-plans.js';
import { checkFeatureCount, checkPolling, selfTest } from './prepared-stream.js';
import { streamHeads } from './stream-heads.js';
import { weightsOf } from './stream-weights.js';

export interface StreamCheckOptions {
  /** Those of models that were read before; this stream's are added. */
  readonly plans: Map<string, ModelPlans>;
  /** Options that are at fault already, from the stream's own section on: what depends on them is not looked at. */
  readonly touched: readonly Fault[];
  /** Takes each fault; its paths are within the stream. */
  readonly report: FaultReport;
  readonly signal?: AbortSignal | undefined;
}

/** The options that each check of a stream depends on, beside the model's file. */
const dependence = {
  features: [
    ['sensor', 'axes'],
    ['sensor', 'rateHz'],
    ['sensor', 'resample'],
    ['features', 'steps'],
  ],
  labelled: [
    ['model', 'labels'],
    ['model', 'heads'],
    ['model', 'task'],
  ],
} as const;

/**
 * Finds what keeps the model of a stream from running as its configuration asks, one fault after the other; see
 * `prepareStreams`, which stops at the first.
 */
export async function checkStream(
  config: StreamConfig,
  { plans, touched, report, signal }: StreamCheckOptions,
): Promise<void> {
  const { model } = config;
  const isSound = (...paths: readonly OptionFault['at'][]): boolean =>
    paths.every((path) => !isTouched(path, touched));
  if (isSound(['sensor'])) {
    attempt(report, () => checkPolling(config));
  }
  if (!isSound(['model', 'file'], ['model', 'window'])) {
    return;
  }
  const planOf = await plansOf(config, plans, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    return reportAt(error, report);
  });
  const known = planOf && attemptAt(report, () => planOf('last'));
  if (planOf === undefined || known === undefined) {
    return;
  }
  if (isSound(...dependence.features)) {
    attempt(report, () => requireInputs(known, config));
    attempt(report, () => checkFeatureCount(known, config));
  }
  let faults = 0;
  const counted: FaultReport = (fault) => {
    faults += 1;
    report(fault);
  };
  const settings = headSettings(known, config, counted);
  const isWhole = settings.some(({ needsWhole }) => needsWhole);
  const plan = isWhole ? (attemptAt(counted, () => planOf('whole')) ?? known) : known;
  if (settings.length === plan.outputs.length) {
    const isNamed = isSound(...dependence.labelled);
    await streamHeads(plan, settings, config, (fault) => {
      const isEvent = fault.faults.some(({ at }) => at[0] === 'publish');
      // Without its names a model has no such label.
      if (!isEvent || (isNamed && faults === 0)) {
        report(fault);
      }
      faults += isEvent ? 0 : 1;
    });
  }
  if (isSound(['model', 'mode'], ['model', 'engine'], ['model', 'stride'])) {
    const stream = await weightsOf(known, model, signal)
      .then((weights) => openStream(plan, { ...model, weights }))
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        return reportAt(faultOfSection(error), report);
      });
    await verify(known, stream, config, report, signal);
  }
}

async function verify(
  plan: StreamPlan,
  stream: ModelStream | undefined,
  { model }: StreamConfig,
  report: FaultReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stream === undefined || model.verify === undefined) {
    return;
  }
  try {
    await selfTest(plan, stream, model.verify, signal);
  } catch (error) {
    signal?.throwIfAborted();
    reportAt(error, report, ['model', 'verify']);
  }
}

/** The option that an error of a model or an engine is about; one of the environment is about none. */
function optionOf(code: ErrorCode): OptionFault['at'] | undefined {
  if (code === 'model.mode') {
    return ['model', 'mode'];
  }
  const [room] = code.split('.');
  return room === 'model' ? ['model', 'file'] : room === 'engine' ? ['model', 'engine'] : undefined;
}

function attemptAt<T>(report: FaultReport, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    return reportAt(error, report);
  }
}

/** @throws the error where it is no fault of the configuration */
function reportAt(error: unknown, report: FaultReport, place?: OptionFault['at']): undefined {
  if (!(error instanceof LstmdError)) {
    throw error;
  }
  const at = place ?? optionOf(error.code);
  const { code, message, cause, faults } = error;
  report(faults.length > 0 ? error : new LstmdError(code, message, { cause, at }));
  return undefined;
}
