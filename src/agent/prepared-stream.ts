import { setImmediate } from 'node:timers/promises';
import type { Config, StreamConfig } from './config-schema.js';
import { LstmdError, messageOf } from '../base/errors.js';
import type { Reference } from '../drift/reference.js';
import { slownessText } from '../engine/weight-speed.js';
import { readModel } from '../model/load-model.js';
import { level2CacheBytes } from '../platform/cache-size.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import type { ExpectedFeatures } from '../sensor/feature-check.js';
import type { DeviceLinks } from '../sensor/links/device-links.js';
import type { Link } from '../sensor/links/link.js';
import { createDeviceLinks, isReadOnly, isTemplate } from '../sensor/links/registry.js';
import type { OutputPart, StreamPlan } from '../model/plan/stream-plan.js';
import { streamDirectory } from '../state/slot-pair.js';
import { openStream, type ModelStream } from '../stream/model-stream.js';
import { verifyCase } from '../stream/verification.js';
import { readCase } from '../stream/verify-case.js';
import { expectedFeatures } from './expected-features.js';
import { driftReference } from './drift-reference.js';
import { inputOptions, requireInputs } from './input-options.js';
import { headSettings } from './head-settings.js';
import { streamFeatures } from './stream-features.js';
import { streamHeads, type StreamHeads } from './stream-heads.js';
import { weightsOf } from './stream-weights.js';

/**
 * A stream whose model is loaded and fits its configuration: all that can be known before it runs. Beside
 * what is here it has the stepper, and the engine that this runs on.
 */
export interface PreparedStream extends ModelStream, StreamHeads {
  readonly name: string;
  /** The entry of `streams` that it is of: its own name, or that of its template. */
  readonly entry: string;
  readonly config: StreamConfig;
  readonly plan: StreamPlan;
  /** Found before its engine may have taken the memory of the weights. */
  readonly expected: ExpectedFeatures | undefined;
  /** Says how the format of its weights slows it here; undefined where it does not. Found as early as `expected`. */
  readonly slowness: string | undefined;
  readonly stateDirectory: string;
  /** Its features and outputs are compared with this, where the configuration names a file. */
  readonly reference?: Reference | undefined;
  /** Says where its bytes come from, if not from a link of its own. */
  readonly link?: Link | undefined;
  /** It is a template of this, and no stream itself. */
  readonly template?: PreparedTemplate | undefined;
}

/** Holds what the streams of many devices are made of. */
export interface PreparedTemplate {
  /** The links of the devices, on a connection that is not made yet. */
  readonly links: () => DeviceLinks;
  /** Prepares the stream of a device, on the engine that all of them share. */
  readonly stream: (name: string, link: Link) => Promise<PreparedStream>;
}

/**
 * Prepares every stream of a configuration.
 *
 * @param signal ends the loading of models; what is thrown then is its reason
 * @throws LstmdError a single fault as it is, or the faults of all streams, with their code where they share one
 *   and `config.invalid` where not
 */
export async function prepareStreams(
  config: Config,
  signal?: AbortSignal,
): Promise<PreparedStream[]> {
  const prepared: PreparedStream[] = [];
  const faults: { name: string; error: unknown }[] = [];
  const plans = new Map<string, ModelPlans>();
  const lastStreams = new Map(
    Object.entries(config.streams).map(([name, { model }]) => [fileKeyOf(model), name]),
  );
  for (const [name, stream] of Object.entries(config.streams)) {
    try {
      const stateDirectory = streamDirectory(config.stateDirectory, name);
      const parts = await prepareStream(stream, plans, {
        isLast: lastStreams.get(fileKeyOf(stream.model)) === name,
        signal,
      });
      const template = isTemplate(stream.sensor)
        ? templateOf(name, parts, config.stateDirectory)
        : undefined;
      prepared.push({ name, entry: name, stateDirectory, ...parts, template });
    } catch (error) {
      signal?.throwIfAborted();
      faults.push({ name, error });
    }
  }
  const [first] = faults;
  if (first === undefined) {
    return prepared;
  }
  if (faults.length === 1 && first.error instanceof LstmdError) {
    const { code, message } = first.error;
    throw new LstmdError(code, `stream ${first.name}: ${message}`, { cause: first.error });
  }
  const codes = new Set(
    faults.map(({ error }) => (error instanceof LstmdError ? error.code : 'config.invalid')),
  );
  const [code = 'config.invalid'] = codes;
  throw new LstmdError(
    codes.size === 1 ? code : 'config.invalid',
    `${faults.length} streams cannot run:\n${faults.map(({ name, error }) => `  ${name}: ${messageOf(error)}`).join('\n')}`,
  );
}

type StreamParts = Omit<PreparedStream, 'name' | 'entry' | 'stateDirectory'>;

/**
 * @param plans those of models that were read before, by file and window; this stream's are added
 * @param options.isLast whether no later stream has the same model
 */
async function prepareStream(
  config: StreamConfig,
  plans: Map<string, ModelPlans>,
  { isLast, signal }: { readonly isLast: boolean; readonly signal: AbortSignal | undefined },
): Promise<StreamParts> {
  const { model } = config;
  checkPolling(config);
  const planOf = await plansOf(config, plans, signal);
  // Compiling and packing are one piece of work each: between them a signal is heard.
  await setImmediate();
  signal?.throwIfAborted();
  const known = planOf('last');
  requireInputs(known, config);
  checkFeatureCount(known, config);
  const settings = headSettings(known, config);
  const plan = settings.some(({ needsWhole }) => needsWhole) ? planOf('whole') : known;
  // Compiling and packing are one piece of work each: between them a signal is heard.
  await setImmediate();
  signal?.throwIfAborted();
  // A self-test opens a second stream on the plan.
  const takesWeights = isLast && model.verify === undefined;
  const expected = expectedFeatures(plan, config.features);
  const weights = await weightsOf(known, model, signal);
  const slowness = slownessText(plan, weights, await level2CacheBytes());
  const stream = await openStream(plan, { ...model, weights, takesWeights });
  const heads = await streamHeads(plan, settings, config);
  const reference = await driftReference(config, plan);
  if (model.verify !== undefined) {
    await selfTest(known, stream, model.verify, signal);
  }
  return { ...stream, ...heads, config, plan, expected, slowness, reference };
}

/** @throws LstmdError `config.invalid` for a sensor that is to be asked over a link that can only be read */
export function checkPolling({ sensor }: StreamConfig): void {
  if (isReadOnly(sensor) && createDecoder(sensor).polling !== undefined) {
    throw new LstmdError(
      'config.invalid',
      `sensor.decoder ${sensor.decoder} asks its sensor for each row, and ${sensor.link} can only be read: name a serial port, tcp:// or rfc2217://`,
      { at: ['sensor', 'link'] },
    );
  }
}

/** @throws LstmdError `config.invalid` where the model takes another number of features */
export function checkFeatureCount(plan: StreamPlan, config: StreamConfig): void {
  const names = streamFeatures(config);
  if (plan.features === names.length) {
    return;
  }
  const hasSteps = config.features.steps.length > 0;
  throw new LstmdError(
    'config.invalid',
    `the model takes ${plan.features} features a sample, but ${
      hasSteps
        ? 'after features.steps, of which the step axes chooses, there are'
        : 'sensor.axes names'
    } ${names.length}: ${names.join(', ')}`,
    { at: hasSteps ? ['features', 'steps'] : ['sensor', 'axes'] },
  );
}

function templateOf(entry: string, parts: StreamParts, stateDirectory: string): PreparedTemplate {
  const { config, plan, settings } = parts;
  return {
    links: () => createDeviceLinks(config.sensor),
    stream: async (name, link) => ({
      ...parts,
      ...(await streamHeads(plan, settings, config)),
      name,
      entry,
      stateDirectory: streamDirectory(stateDirectory, name),
      stepper: parts.another(),
      link,
    }),
  };
}

/** The plans of a model file in one window, each made when it is first asked for. */
export type ModelPlans = (outputs: OutputPart) => StreamPlan;

/** Holds the parts that streams share which have the same weights in memory. */
function fileKeyOf({ file, window }: StreamConfig['model']): string {
  return JSON.stringify([file, window]);
}

function keyOf(config: StreamConfig): string {
  const { file, window } = config.model;
  return JSON.stringify([file, window, inputOptions(config)]);
}

/** The plans of a model, which many sensors often share: it is read once. */
export async function plansOf(
  config: StreamConfig,
  known: Map<string, ModelPlans>,
  signal: AbortSignal | undefined,
): Promise<ModelPlans> {
  const { file, window } = config.model;
  const key = keyOf(config);
  const given = known.get(key);
  if (given !== undefined) {
    return given;
  }
  const compile = await readInputs(file, { window, signal, ...inputOptions(config) });
  const made = new Map<OutputPart, StreamPlan>();
  const plans: ModelPlans = (outputs) => {
    const plan = made.get(outputs) ?? compile(outputs);
    made.set(outputs, plan);
    return plan;
  };
  known.set(key, plans);
  return plans;
}

/** Reads a model; what does not fit its inputs is a fault of the configuration. */
async function readInputs(...given: Parameters<typeof readModel>): ReturnType<typeof readModel> {
  try {
    return await readModel(...given);
  } catch (cause) {
    throw cause instanceof LstmdError && cause.code === 'usage.invalid'
      ? new LstmdError('config.invalid', `model.inputs, model.constants: ${cause.message}`, {
          cause,
        })
      : cause;
  }
}

/**
 * Steps a case on this machine. A stream that would publish other numbers than Keras gave must not run.
 *
 * @throws LstmdError `model.verify` when the case is not reproduced
 */
export async function selfTest(
  plan: StreamPlan,
  { stepper, engine }: ModelStream,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { mode, weights } = stepper.program;
  const result = await verifyCase(plan, await readCase(file), { mode, engine, weights, signal });
  if (!result.ok) {
    throw new LstmdError(
      'model.verify',
      `the ${result.engine} engine (${result.target}, weights ${weights}) does not reproduce ${file} in mode ${mode}: off by ${result.largestError} at ${result.where}, tolerance ${result.tolerance}`,
    );
  }
}
