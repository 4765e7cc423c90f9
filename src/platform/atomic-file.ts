import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nodeFileSystem, type FileSystem } from './file-system.js';

export interface AtomicFileOptions {
  /** Permissions of the file; default 0600, for its owner only. */
  readonly mode?: number;
  readonly fileSystem?: FileSystem;
}

/**
 * Puts `bytes` in the place of a file, or makes the file: whoever reads it, also after a power
 * cut, finds all of the old bytes or all of the new. They are written to `<path>.new`, synced,
 * and renamed; the directory must exist. Returns when file and name are durable.
 *
 * @throws Error of the file system; the old file is then as it was
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  { mode, fileSystem = nodeFileSystem }: AtomicFileOptions = {},
): Promise<void> {
  const unfinished = `${path}.new`;
  try {
    const file = await fileSystem.open(unfinished, mode);
    try {
      await file.truncate(0);
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await fileSystem.rename(unfinished, path);
  } catch (error) {
    // The first error is the one to tell of; there may be nothing to remove.
    await fileSystem.remove(unfinished).catch(() => undefined);
    throw error;
  }
  await fileSystem.syncDirectory(dirname(path));
}

/**
 * Finds the file that is to be replaced where a user names it: what a link leads to, so that the link stays one.
 *
 * @returns its path; the path itself where there is none yet
 * @throws Error where something else than a file is there, such as a device, whose name a file would take
 */
export async function fileToReplace(path: string): Promise<string> {
  const target = await realpath(path).catch(() => path);
  const found = await stat(target).catch(() => null);
  if (found !== null && !found.isFile()) {
    throw new Error(`it is ${found.isDirectory() ? 'a folder' : 'a device or a pipe'}, not a file`);
  }
  return target;
}
