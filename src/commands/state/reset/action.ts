import { join } from 'node:path';
import { errorCode } from '../../../base/errors.js';
import { DirectoryLock } from '../../../platform/directory-lock.js';
import { nodeFileSystem } from '../../../platform/file-system.js';
import { learntFileName } from '../../../state/learnt-file.js';
import { SlotPair } from '../../../state/slot-pair.js';
import { stateDirectoryOf, streamsIn, type StatePlaceOptions } from '../saved/state-directory.js';

/**
 * Removes the slots of one stream or of all, and what was learnt from it.
 *
 * @throws LstmdError `state.locked` while a daemon uses the directory
 */
export async function resetState(
  stream: string | undefined,
  options: StatePlaceOptions,
): Promise<void> {
  const directory = await stateDirectoryOf(options);
  const streams = await streamsIn(directory, stream);
  const lock = new DirectoryLock((reason) => process.stderr.write(`lstmd: ${reason}\n`));
  await lock.acquire(directory);
  try {
    for (const name of streams) {
      const removed = await new SlotPair(join(directory, name), nodeFileSystem).remove();
      await nodeFileSystem.remove(join(directory, name, learntFileName)).catch(passOverMissing);
      process.stderr.write(`${name}: ${removed === 0 ? 'nothing was saved' : 'forgotten'}\n`);
    }
  } finally {
    lock.release();
  }
}

function passOverMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') {
    throw error;
  }
}
