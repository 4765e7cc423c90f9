import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../../base/errors.js';
import { fileToReplace } from '../../platform/atomic-file.js';
import { notWritten } from '../terminal/not-written.js';

/**
 * Looks whether a file can be written, before anybody is asked for what it is to hold.
 *
 * @param makesFolder whether folders that are not there will be made
 * @throws LstmdError `output.write` with the reason
 */
export async function requirePlace(path: string, makesFolder: boolean): Promise<void> {
  try {
    const folder = dirname(resolve(await fileToReplace(path)));
    await access(makesFolder ? await folderThere(folder) : folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

/** Returns a folder, or the nearest above it that is there. */
async function folderThere(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw error;
    }
    return folderThere(dirname(path));
  }
}
