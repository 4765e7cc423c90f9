import { LstmdError } from '../../../base/errors.js';
import { saveStateFile } from '../../../stream/state-file.js';
import { openStreamState } from '../saved/stream-state.js';

/**
 * Writes the newest saved state of a stream to a file.
 *
 * @throws LstmdError `state.absent` when none is saved, `state.unreadable` for one of another model or mode
 */
export async function exportState(stream: string, file: string, config: string): Promise<void> {
  const { stepper, store, stateDirectory } = await openStreamState(stream, config);
  const { reason, saved, learnt } = await store.load();
  await store.close();
  if (reason === 'fresh') {
    throw new LstmdError(
      'state.absent',
      `nothing to export: nothing of stream ${stream} is saved in ${stateDirectory} yet`,
    );
  }
  if (saved === null) {
    throw new LstmdError('state.unreadable', `${stateDirectory}: nothing to export (${reason})`);
  }
  stepper.restore(saved.state, saved.sampleCount);
  await saveStateFile(file, stepper, learnt);
  process.stderr.write(`${file}: the state of ${stream} after sample ${saved.sampleCount}\n`);
}
