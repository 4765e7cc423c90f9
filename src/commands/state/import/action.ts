import { LstmdError } from '../../../base/errors.js';
import { DirectoryLock } from '../../../platform/directory-lock.js';
import { loadStateFile } from '../../../stream/state-file.js';
import { openStreamState } from '../saved/stream-state.js';

/**
 * Puts a state from a file on flash.
 *
 * @throws LstmdError `state.mismatch` when it does not fit the stream's model and mode,
 *   `state.locked` while a daemon uses the directory
 */
export async function importState(stream: string, file: string, config: string): Promise<void> {
  const { stepper, store, stateDirectory } = await openStreamState(stream, config);
  const learnt = await loadStateFile(file, stepper);
  const lock = new DirectoryLock((reason) => process.stderr.write(`lstmd: ${reason}\n`));
  await lock.acquire(stateDirectory);
  try {
    await store.load();
    if (!(await store.save(stepper.state, stepper.sampleCount))) {
      throw new LstmdError('state.write', `the state could not be saved in ${stateDirectory}`);
    }
    if (learnt !== null) {
      await store.saveLearnt(learnt);
    }
  } finally {
    await store.close();
    lock.release();
  }
  process.stderr.write(`${stream} resumes from ${file} at its next start\n`);
}
