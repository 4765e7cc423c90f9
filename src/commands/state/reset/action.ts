import { join } from 'node:path';
import { DirectoryLock } from '../../../platform/directory-lock.js';
import { nodeFileSystem } from '../../../platform/file-system.js';
import { SlotPair } from '../../../state/slot-pair.js';
import {
  nothingSaved,
  savedStreams,
  statePlaceOf,
  type StatePlaceOptions,
} from '../saved/state-directory.js';

/**
 * Removes the slots of one stream or of all.
 *
 * @throws LstmdError `state.locked` while a daemon uses the directory
 */
export async function resetState(
  stream: string | undefined,
  options: StatePlaceOptions,
): Promise<void> {
  const place = await statePlaceOf(options);
  const { directory } = place;
  const streams = await savedStreams(place, stream);
  if (streams.length === 0) {
    process.stderr.write(`${nothingSaved(place, stream)}\n`);
    return;
  }
  const lock = new DirectoryLock((reason) => process.stderr.write(`lstmd: ${reason}\n`));
  await lock.acquire(directory);
  try {
    for (const name of streams) {
      const removed = await new SlotPair(join(directory, name), nodeFileSystem).remove();
      process.stderr.write(
        `${name}: ${removed === 0 ? 'only slots that were kept aside: they stay' : 'forgotten'}\n`,
      );
    }
  } finally {
    lock.release();
  }
}
