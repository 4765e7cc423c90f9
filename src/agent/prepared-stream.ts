import { setImmediate } from 'node:timers/promises';
import type { Config, StreamConfig } from './config-schema.js';
import { LstmdError, messageOf } from '../base/errors.js';
import type { Reference } from '../drift/reference.js';
import { isFasterTogether } from '../engine/step-group.js';
import { thisWeightMachine } from '../engine/weight-machine.js';
import { slownessText } from '../engine/weight-speed.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import type { ExpectedFeatures } from '../sensor/feature-check.js';
import type { DeviceLinks } from '../sensor/links/device-links.js';
import type { Link } from '../sensor/links/link.js';
import { createDeviceLinks, isReadOnly, isTemplate } from '../sensor/links/registry.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import { streamDirectory } from '../state/slot-pair.js';
import type { ModelStream } from '../stream/model-stream.js';
import { verifyCase } from '../stream/verification.js';
import { readCase } from '../stream/verify-case.js';
import { expectedFeatures } from './expected-features.js';
import { driftReference } from './drift-reference.js';
import { requireInputs } from './input-options.js';
import { headSettings } from './head-settings.js';
import { fileKeyOf, plansOf, type ModelPlans } from './model-plans.js';
import { withModel, type ReloadedModel, type ReloadedModels } from './reload/reloaded-models.js';
import { StepQueue } from './step-queue.js';
import { openOnSharedEngine } from './shared-engines.js';
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
  /** Its samples are stepped together with those of the other streams of its template; undefined where each is alone. */
  readonly together?: StepQueue | undefined;
  /** It is a template of this, and no stream itself. */
  readonly template?: PreparedTemplate | undefined;
  /** A command has put another model in the place of that of the configuration; undefined where none has. */
  readonly reloaded?: RememberedModel | undefined;
}

/** A model that a command had put in the place of another one before this start. */
export interface RememberedModel extends ReloadedModel {
  /** Why the model of the configuration runs all the same; undefined where it does not. */
  readonly fault: string | undefined;
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
 * @param reloaded the models that commands have put in the place of those of the configuration
 * @throws LstmdError a single fault as it is, or the faults of all streams, with their code where they share one
 *   and `config.invalid` where not
 */
export async function prepareStreams(
  config: Config,
  signal?: AbortSignal,
  reloaded?: ReloadedModels,
): Promise<PreparedStream[]> {
  const prepared: PreparedStream[] = [];
  const { stateDirectory } = config;
  const faults: { name: string; error: unknown }[] = [];
  const plans = new Map<string, ModelPlans>();
  const entries: { name: string; stream: StreamConfig; model: ReloadedModel | undefined }[] = [];
  for (const [name, stream] of Object.entries(config.streams)) {
    const model = await reloaded?.of(name, stream);
    entries.push({ name, stream: model === undefined ? stream : withModel(stream, model), model });
  }
  const lastStreams = new Map(
    entries.map(({ name, stream }) => [fileKeyOf(stream.model), name] as const),
  );
  for (const { name, stream, model } of entries) {
    const isLast = lastStreams.get(fileKeyOf(stream.model)) === name;
    const options = { stateDirectory, plans, isLast, signal };
    try {
      const configured = config.streams[name] ?? stream;
      prepared.push(
        model === undefined
          ? await prepareEntry(name, stream, options)
          : await prepareReloaded(name, stream, { ...options, model, configured }),
      );
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

interface EntryOptions {
  readonly stateDirectory: string;
  /** Those of models that were read before, by file and window; this entry's are added. */
  readonly plans: Map<string, ModelPlans>;
  /** True where no later entry has the same model. */
  readonly isLast: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Prepares one entry of `streams`: a stream, or the template of many.
 *
 * @throws LstmdError where its model cannot run as it is asked for
 */
export async function prepareEntry(
  name: string,
  config: StreamConfig,
  { stateDirectory: all, plans, isLast, signal }: EntryOptions,
): Promise<PreparedStream> {
  const stateDirectory = streamDirectory(all, name);
  const parts = await prepareStream(config, plans, { isLast, signal });
  const template = isTemplate(config.sensor) ? templateOf(name, parts, all) : undefined;
  return { name, entry: name, stateDirectory, ...parts, template };
}

/** Prepares an entry with a model that was reloaded, or where that cannot run with the one that the configuration names. */
async function prepareReloaded(
  name: string,
  config: StreamConfig,
  options: EntryOptions & { readonly model: ReloadedModel; readonly configured: StreamConfig },
): Promise<PreparedStream> {
  const { model, configured, signal } = options;
  try {
    const prepared = await prepareEntry(name, config, options);
    requireSha256(prepared.plan, model.sha256, model.file);
    return { ...prepared, reloaded: { ...model, fault: undefined } };
  } catch (error) {
    signal?.throwIfAborted();
    // The memory of weights that others have read may be gone by now.
    const alone = { ...options, plans: new Map<string, ModelPlans>(), isLast: false };
    const prepared = await prepareEntry(name, configured, alone);
    return { ...prepared, reloaded: { ...model, fault: messageOf(error) } };
  }
}

/** @throws LstmdError `model.verify` where a model is another one than it should be */
export function requireSha256(
  { sha256 }: Pick<StreamPlan, 'sha256'>,
  expected: string,
  file: string,
): void {
  if (sha256 !== expected) {
    throw new LstmdError(
      'model.verify',
      `${file}: its SHA-256 is ${sha256}, not ${expected}: it is another file, or it was not copied whole`,
    );
  }
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
  // Float32 is slower nowhere, and a look at the caches costs each stream a millisecond.
  const slowness =
    weights === 'f32' ? undefined : slownessText(plan, weights, await thisWeightMachine());
  const stream = await openOnSharedEngine(plan, { ...model, weights, takesWeights });
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
  const { config, plan, settings, program } = parts;
  const together = isFasterTogether(program) ? new StepQueue(parts.group()) : undefined;
  return {
    links: () => createDeviceLinks(config.sensor),
    stream: async (name, link) => ({
      ...parts,
      ...(await streamHeads(plan, settings, config)),
      name,
      entry,
      stateDirectory: streamDirectory(stateDirectory, name),
      stepper: parts.another(),
      together,
      link,
    }),
  };
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
