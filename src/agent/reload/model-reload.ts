import { basename } from 'node:path';
import { LstmdError, messageOf } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import { defaultMaxModelBytes } from '../../config/commands-section.js';
import { layoutHash } from '../../engine/program/program.js';
import type { Config, StreamConfig } from '../config-schema.js';
import { entryOf } from '../device-name.js';
import type { LiveStream } from '../live-stream.js';
import type { ModelPlans } from '../model-plans.js';
import { prepareEntry, requireSha256, type PreparedStream } from '../prepared-stream.js';
import type { StreamTemplate } from '../stream-template.js';
import { fileSha256, modelFiles, type ModelFiles } from './model-place.js';
import {
  configuredFile,
  ReloadedModels,
  withModel,
  type ReloadedModel,
} from './reloaded-models.js';
import { reloadRequest, type ReloadRequest } from './reload-request.js';
import { TrialGroup } from './trial-group.js';

export interface ModelReloadParts {
  readonly config: Config;
  /** The streams that run. */
  readonly streams: readonly LiveStream[];
  readonly templates: readonly StreamTemplate[];
  /** Is told of each stream that has another model, before the first sample that this steps. */
  readonly replaced: (stream: LiveStream) => void;
  readonly log: Log;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/**
 * Puts another model in the place of the one that streams run with: it is read and verified, steps the samples of each
 * stream beside the old one until enough of its outputs were warm and finite, and takes over then.
 *
 * @param body of the command
 * @returns what is answered
 * @throws LstmdError where the old model goes on, saying why
 */
export async function reloadModel(body: JsonObject, parts: ModelReloadParts): Promise<object> {
  const { config, log } = parts;
  const request = reloadRequest(body);
  const entries = entriesOf(request, config);
  const reloaded = await ReloadedModels.read(config.stateDirectory);
  const files = await filesOf(request, config);
  const candidates = await prepare(entries, files, request, parts);
  const sha256 = candidates[0]?.plan.sha256 ?? '';
  const before = parts.streams.find(({ prepared }) => entries.includes(prepared.entry));
  const beforeModel = before && modelOf(before.prepared);
  const model = { file: basename(candidates[0]?.config.model.file ?? ''), sha256 };
  const fields = { streams: entries, model, before: beforeModel };
  log.info(
    { ...fields, outputs: request.outputs },
    `a model is tried beside the one that runs: ${model.file}`,
  );
  const trial = new TrialGroup(request.outputs, request.seconds);
  const record = (entry: string): Promise<ReloadedModel> | undefined =>
    files && recordOf(entry, files, sha256, parts, reloaded);
  const { kept, saved, remembered } = await replaceModels(
    candidates,
    trial,
    parts,
    record,
    reloaded,
  );
  log.info(
    { ...fields, state: kept ? 'kept' : 'new', remembered },
    kept
      ? `the model was replaced by ${model.file}, which is the same: the state goes on`
      : `the model was replaced by ${model.file}, and the state began anew with it`,
  );
  return {
    ...(entries.length === 1 ? { stream: entries[0] } : { streams: entries }),
    model,
    before: beforeModel,
    state: kept ? 'kept' : 'new',
    verified: candidates.every(({ config: own }) => own.model.verify !== undefined),
    tried: { streams: trial.size, outputs: trial.outputs, untried: trial.untried },
    saved,
    remembered,
  };
}

/**
 * Tries the models, and has the streams go on with them.
 *
 * @param record tells what is to be remembered of an entry; undefined for the model of its configuration
 * @throws LstmdError where the old models go on, and do so alone
 */
async function replaceModels(
  candidates: readonly PreparedStream[],
  trial: TrialGroup,
  parts: ModelReloadParts,
  record: (entry: string) => Promise<ReloadedModel> | undefined,
  reloaded: ReloadedModels,
): Promise<{ readonly kept: boolean; readonly saved: boolean; readonly remembered: boolean }> {
  try {
    await tryBeside(candidates, trial, parts);
    const records = new Map<string, ReloadedModel | undefined>();
    for (const { entry } of candidates) {
      records.set(entry, await record(entry));
    }
    const remembered = await remember(records, reloaded, parts.log);
    return { ...(await takeOver(candidates, trial, parts)), remembered };
  } finally {
    trial.end();
  }
}

/** Keeps on flash which models run; returns whether that went well. */
async function remember(
  records: ReadonlyMap<string, ReloadedModel | undefined>,
  reloaded: ReloadedModels,
  log: Log,
): Promise<boolean> {
  try {
    await reloaded.remember(records);
    return true;
  } catch (error) {
    log.error(
      { path: reloaded.path, reason: messageOf(error) },
      'the reloaded model cannot be remembered: the next start runs the one before',
    );
    return false;
  }
}

/** @throws LstmdError `usage.invalid` for a name that is no entry */
function entriesOf({ streams }: ReloadRequest, config: Config): readonly string[] {
  const known = Object.keys(config.streams);
  const names = streams ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined || (streams === undefined && known.length > 1)) {
    const template = unknown === undefined ? undefined : entryOf(config, unknown);
    throw new LstmdError(
      'usage.invalid',
      `stream: must be one of: ${known.join(', ')}${template === undefined ? '' : `; the streams of a template share one model: name the template, ${template}`}`,
    );
  }
  return names;
}

/** @throws LstmdError `usage.invalid` where there is no such file, `model.verify` where it is another one */
async function filesOf(
  { model }: ReloadRequest,
  { commands }: Config,
): Promise<ModelFiles | undefined> {
  if (model === undefined) {
    return undefined;
  }
  const { modelDirectory, maxModelBytes = defaultMaxModelBytes } = commands ?? {};
  if (modelDirectory === undefined) {
    throw new LstmdError('usage.invalid', 'commands.modelDirectory is not given');
  }
  const files = await modelFiles(modelDirectory, model.name, maxModelBytes);
  // Other files may belong to a model of these kinds, and are in the checksum of the whole.
  if (!/\.(json|onnx)$/i.test(files.file)) {
    const sha256 = await fileSha256(files.file);
    requireSha256({ sha256 }, model.sha256, basename(files.file));
  }
  return files;
}

/** Reads and compiles the model for each entry, and verifies it. */
async function prepare(
  entries: readonly string[],
  files: ModelFiles | undefined,
  { model }: ReloadRequest,
  { config, signal }: ModelReloadParts,
): Promise<PreparedStream[]> {
  const plans = new Map<string, ModelPlans>();
  const candidates: PreparedStream[] = [];
  for (const entry of entries) {
    const configured = config.streams[entry];
    if (configured === undefined) {
      continue;
    }
    requireDistribution(configured, files);
    const prepared = await prepareEntry(
      entry,
      files === undefined ? configured : withModel(configured, files),
      {
        stateDirectory: config.stateDirectory,
        plans,
        isLast: entry === entries.at(-1),
        signal,
      },
    );
    if (model !== undefined && files !== undefined) {
      requireSha256(prepared.plan, model.sha256, basename(files.file));
    }
    candidates.push(prepared);
  }
  return candidates;
}

/** @throws LstmdError `config.invalid` where a score would be judged by the usual errors of another model */
function requireDistribution({ model }: StreamConfig, files: ModelFiles | undefined): void {
  const scores = [model.score, ...Object.values(model.heads ?? {}).map(({ score }) => score)];
  const isNeeded = scores.some((score) => score?.distribution !== undefined);
  if (files !== undefined && isNeeded && files.distribution === undefined) {
    throw new LstmdError(
      'config.invalid',
      `score.distribution: has the usual errors of the model before; put those of ${basename(files.file)} beside it, as <name>.distribution.json`,
    );
  }
}

async function tryBeside(
  candidates: readonly PreparedStream[],
  trial: TrialGroup,
  { streams, signal }: ModelReloadParts,
): Promise<void> {
  for (const prepared of candidates) {
    for (const stream of streams.filter((each) => each.prepared.entry === prepared.entry)) {
      const candidate = await candidateOf(prepared, stream);
      const steps = stream.stepsOf(candidate);
      if (isSameState(stream.prepared, candidate)) {
        const { state, sampleCount } = stream.prepared.stepper;
        steps.restore(state, sampleCount);
      }
      trial.add(stream, steps);
    }
  }
  await trial.verdict(signal);
}

/** The stream with the model that is to run: that of a template has a stepper and heads of its own. */
async function candidateOf(
  prepared: PreparedStream,
  { prepared: before }: LiveStream,
): Promise<PreparedStream> {
  const { template } = prepared;
  return template === undefined || before.link === undefined
    ? prepared
    : template.stream(before.name, before.link);
}

function isSameState(before: PreparedStream, after: PreparedStream): boolean {
  return (
    before.plan.sha256 === after.plan.sha256 &&
    layoutHash(before.stepper.program) === layoutHash(after.stepper.program)
  );
}

/** Every stream of the entries goes on with the other model, those that came in the meantime included. */
async function takeOver(
  candidates: readonly PreparedStream[],
  trial: TrialGroup,
  { streams, templates, replaced }: ModelReloadParts,
): Promise<{ readonly kept: boolean; readonly saved: boolean }> {
  let isKept = true;
  const saves: Promise<boolean>[] = [];
  for (const prepared of candidates) {
    if (prepared.template !== undefined) {
      await templates.find(({ name }) => name === prepared.entry)?.follow(prepared.template);
    }
    const others = streams.filter(
      (each) => each.prepared.entry === prepared.entry && each.prepared.plan !== prepared.plan,
    );
    for (const stream of others) {
      const steps = trial.stepsOf(stream) ?? stream.stepsOf(await candidateOf(prepared, stream));
      const isSame = isSameState(stream.prepared, steps.prepared);
      isKept &&= isSame;
      saves.push(stream.replaceModel(steps, isSame, () => replaced(stream)));
    }
  }
  const saved = await Promise.all(saves);
  return { kept: isKept, saved: saved.every(Boolean) };
}

async function recordOf(
  entry: string,
  files: ModelFiles,
  sha256: string,
  { config, streams }: ModelReloadParts,
  reloaded: ReloadedModels,
): Promise<ReloadedModel> {
  const file = config.streams[entry]?.model.file ?? '';
  const running = streams.find(({ prepared }) => prepared.entry === entry)?.prepared;
  const known =
    running?.config.model.file === file ? running.plan.sha256 : reloaded.configuredSha256(entry);
  return { ...files, sha256, atMs: Date.now(), configured: await configuredFile(file, known) };
}

function modelOf({ config, plan }: PreparedStream) {
  return { file: basename(config.model.file), sha256: plan.sha256 };
}
