import { LstmdError } from '../../../base/errors.js';
import { saveStateFile } from '../../../stream/state-file.js';
import { openSavedState } from '../saved/saved-state.js';

/**
 * Writes the newest saved state of a stream to a file.
 *
 * @throws LstmdError `state.unreadable` when none is saved, or one of another model or mode
 */
export async function exportState(stream: string, file: string, config: string): Promise<void> {
  const { stepper, store, stateDirectory } = await openSavedState(stream, config);
  const { reason, record } = await store.load();
  await store.close();
  if (record === null) {
    throw new LstmdError('state.unreadable', `${stateDirectory}: nothing to export (${reason})`);
  }
  stepper.restore(record.state, record.sampleCount);
  await saveStateFile(file, stepper);
  process.stderr.write(`${file}: the state of ${stream} after sample ${record.sampleCount}\n`);
}
