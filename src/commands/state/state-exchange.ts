import { configSchema } from '../../agent/config-schema.js';
import { loadConfig } from '../../config/load-config.js';
import { layoutHash } from '../../engine/program/program.js';
import { LstmdError } from '../../base/errors.js';
import { openStream } from '../../stream/model-stream.js';
import { loadStateFile, saveStateFile } from '../../stream/state-file.js';
import { loadModel } from '../../model/load-model.js';
import { createProcessLog } from '../../observe/process-log.js';
import type { Stepper } from '../../engine/stepper.js';
import { DirectoryLock } from '../../platform/directory-lock.js';
import { streamDirectory } from '../../state/slot-pair.js';
import { StateStore } from '../../state/state-store.js';

interface Exchange {
  readonly stepper: Stepper;
  readonly store: StateStore;
  readonly stateDirectory: string;
}

/**
 * Writes the newest saved state of a stream to a file.
 *
 * @throws LstmdError `state.unreadable` when none is saved, or one of another model or mode
 */
export async function exportState(stream: string, file: string, config: string): Promise<void> {
  const { stepper, store, stateDirectory } = await exchangeOf(stream, config);
  const { reason, record } = await store.load();
  await store.close();
  if (record === null) {
    throw new LstmdError('state.unreadable', `${stateDirectory}: nothing to export (${reason})`);
  }
  stepper.restore(record.state, record.sampleCount);
  await saveStateFile(file, stepper);
  process.stderr.write(`${file}: the state of ${stream} after sample ${record.sampleCount}\n`);
}

/**
 * Puts a state from a file on flash.
 *
 * @throws LstmdError `state.mismatch` when it does not fit the stream's model and mode,
 *   `state.locked` while a daemon uses the directory
 */
export async function importState(stream: string, file: string, config: string): Promise<void> {
  const { stepper, store, stateDirectory } = await exchangeOf(stream, config);
  await loadStateFile(file, stepper);
  const lock = new DirectoryLock();
  await lock.acquire(stateDirectory);
  try {
    await store.load();
    if (!(await store.save(stepper.state, stepper.sampleCount, Date.now()))) {
      throw new LstmdError('state.write', `the state could not be saved in ${stateDirectory}`);
    }
  } finally {
    await store.close();
    await lock.release();
  }
  process.stderr.write(`${stream} resumes from ${file} at its next start\n`);
}

async function exchangeOf(name: string, configFile: string): Promise<Exchange> {
  const { file, config } = await loadConfig(configSchema, configFile);
  const stream = config.streams[name];
  if (stream === undefined) {
    throw new LstmdError(
      'usage.invalid',
      `${file} has no stream "${name}"; there are: ${Object.keys(config.streams).join(', ')}`,
    );
  }
  const plan = await loadModel(stream.model.file, { window: stream.model.window });
  const { stepper } = await openStream(plan, stream.model);
  const store = new StateStore({
    directory: streamDirectory(config.stateDirectory, name),
    modelSha256: plan.sha256,
    layoutHash: layoutHash(stepper.program),
    stateSize: stepper.program.stateSize,
    maxAgeSeconds: Infinity,
    log: createProcessLog({ level: 'warn', format: 'auto' }),
  });
  return { stepper, store, stateDirectory: config.stateDirectory };
}
