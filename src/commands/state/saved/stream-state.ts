import { inputOptions } from '../../../agent/input-options.js';
import { weightsOf } from '../../../agent/stream-weights.js';
import { configSchema } from '../../../agent/config-schema.js';
import { entryOf, streamConfigOf } from '../../../agent/device-name.js';
import { ReloadedModels, withModel } from '../../../agent/reload/reloaded-models.js';
import { loadConfig } from '../../../config/load-config.js';
import { layoutHash } from '../../../engine/program/program.js';
import type { Stepper } from '../../../engine/stepper.js';
import { LstmdError } from '../../../base/errors.js';
import { loadModel } from '../../../model/load-model.js';
import { createProcessLog } from '../../../observe/process-log.js';
import { streamDirectory } from '../../../state/slot-pair.js';
import { StateStore } from '../../../state/state-store.js';
import { openStream } from '../../../stream/model-stream.js';

/** A stream of a configuration: the store of its state, and a stepper that the state fits. */
export interface StreamState {
  readonly stepper: Stepper;
  readonly store: StateStore;
  readonly stateDirectory: string;
}

/**
 * Opens the store of one stream as the daemon would.
 *
 * @throws LstmdError `usage.invalid` where the configuration has no such stream
 */
export async function openStreamState(name: string, configFile: string): Promise<StreamState> {
  const { file, config } = await loadConfig(configSchema, configFile);
  const configured = streamConfigOf(config, name);
  if (configured === undefined) {
    throw new LstmdError(
      'usage.invalid',
      `${file} has no stream "${name}"; there are: ${Object.keys(config.streams).join(', ')}`,
    );
  }
  const reloaded = await ReloadedModels.read(config.stateDirectory);
  const model = await reloaded.of(entryOf(config, name) ?? name, configured);
  const stream = model === undefined ? configured : withModel(configured, model);
  const plan = await loadModel(stream.model.file, {
    window: stream.model.window,
    ...inputOptions(stream),
  });
  const weights = await weightsOf(plan, stream.model, undefined);
  const { stepper } = await openStream(plan, { ...stream.model, weights });
  const store = new StateStore({
    directory: streamDirectory(config.stateDirectory, name),
    stream: name,
    modelSha256: plan.sha256,
    layoutHash: layoutHash(stepper.program),
    stateSize: stepper.program.stateSize,
    maxAgeSeconds: Infinity,
    log: createProcessLog({ level: 'warn', format: 'auto' }),
  });
  return { stepper, store, stateDirectory: config.stateDirectory };
}
