import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errorCode, LstmdError, messageOf } from '../base/errors.js';
import { loadAddon, type Addon } from './addon.js';
import { directoryError, makeOwnDirectory } from './own-directory.js';

/**
 * Keeps two processes from writing one state directory.
 *
 * The lock is flock(2) on the file `.lock` in the directory: taking it is one atomic call, the kernel
 * releases it however the process ends, and it holds between containers that share the directory and
 * nothing else. The file stays behind; that it is there says nothing. In it is who took the lock last,
 * for the message of whoever is refused.
 */
export class DirectoryLock {
  readonly #unlocked: (reason: string) => void;
  #fd: number | undefined;

  /** @param unlocked told where the directory cannot be locked for want of the addon, and is used all the same */
  constructor(unlocked: (reason: string) => void) {
    this.#unlocked = unlocked;
  }

  /**
   * Takes the lock; the directory is made where it is absent.
   *
   * @throws LstmdError `state.locked` naming the process that holds it;
   *   `state.unusable` where there is no directory and none can be made, or no file in it, and where
   *   another user could change what is in it; `state.write` where that may pass, as with a full disk
   */
  async acquire(directory: string): Promise<void> {
    let fd: number | null;
    const path = join(directory, '.lock');
    try {
      await makeOwnDirectory(directory);
      const addon = this.#addon(directory);
      if (addon === null) {
        return;
      }
      fd = addon.lockFile(path);
    } catch (error) {
      const { code, message } = error instanceof LstmdError ? error : lockError(path, error);
      throw new LstmdError(code, `the state directory ${directory} cannot be used: ${message}`);
    }
    if (fd === null) {
      throw new LstmdError(
        'state.locked',
        `the state directory ${directory} is in use by ${await holderOf(path)}: stop it, or give this one another stateDirectory`,
      );
    }
    this.#fd = fd;
    try {
      ftruncateSync(fd);
      writeSync(fd, `${process.pid} ${hostname()}\n`);
    } catch {
      // The disk is full: the lock holds, and nobody will know whose it is.
    }
  }

  /** Releases the lock; may be called more than once. */
  release(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) {
      closeSync(fd);
    }
  }

  #addon(directory: string): Addon | null {
    try {
      return loadAddon();
    } catch (error) {
      this.#unlocked(
        `${directory} is not locked against a second lstmd, which would spoil the states in it: ${messageOf(error)}`,
      );
      return null;
    }
  }
}

/** The error for a lock that could not be taken; a link in the place of its file is refused by its name. */
function lockError(path: string, error: unknown): LstmdError {
  return errorCode(error) === 'ELOOP'
    ? new LstmdError(
        'state.unusable',
        `${path} is a symbolic link, and in the state directory none is followed: remove it`,
      )
    : directoryError(error);
}

/** The process that took the lock last, as a message names it. */
async function holderOf(path: string): Promise<string> {
  try {
    const [, pid, host] = /^(\d+) (\S+)\n$/.exec(await readFile(path, 'utf8')) ?? [];
    if (pid !== undefined && host !== undefined) {
      return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
    }
  } catch {
    // It is another user's, or not written yet.
  }
  return 'another process';
}
