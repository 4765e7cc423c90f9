import { constants } from 'node:fs';
import { access, lstat, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCode, LstmdError, messageOf } from '../base/errors.js';
import { nodeFileSystem } from './file-system.js';

/** proc, sysfs and cgroup2 (linux/magic.h): root may write in them, and make no folder. */
const kernelFileSystems: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x63677270]);

/** Holds what a disk or a process may be over with in a while, so that a later start can go well. */
const passing: ReadonlySet<string | undefined> = new Set([
  'EROFS',
  'EIO',
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
]);

/**
 * Why a directory cannot hold the states of this user, as far as that can be told without writing. One that is not
 * there yet is judged by the nearest folder above it.
 *
 * @returns an error `state.unusable`, or `state.write` for what may pass by itself; undefined where there is none
 */
export async function directoryFault(directory: string): Promise<LstmdError | undefined> {
  try {
    const link = await strangeLink(directory);
    if (link !== undefined) {
      return unusable(link);
    }
    const { at, uid, mode, isFolder } = await nearest(directory);
    if (!isFolder) {
      return unusable(`${at} is not a folder: name another, or remove it`);
    }
    const fault =
      at === directory
        ? (ownerFault(directory, uid, mode) ?? (await linkedFolder(directory)))
        : undefined;
    if (fault !== undefined) {
      return unusable(fault);
    }
    await access(at, constants.R_OK | constants.W_OK | constants.X_OK);
    return kernelFileSystems.has((await statfs(at)).type)
      ? unusable(`${at} is the kernel's own, and nothing can be kept in it: name another`)
      : undefined;
  } catch (error) {
    return directoryError(error);
  }
}

/**
 * Makes the directory where it is absent.
 *
 * @throws LstmdError `state.unusable` where it cannot hold the states of this user, `state.write` for what may pass
 */
export async function makeOwnDirectory(directory: string): Promise<void> {
  const fault = await directoryFault(directory);
  if (fault !== undefined) {
    throw fault;
  }
  try {
    await nodeFileSystem.makeDirectory(directory);
  } catch (error) {
    throw directoryError(error);
  }
}

/** The error for a call of the file system on a directory that failed: of two faults that look alike, one passes. */
export function directoryError(error: unknown): LstmdError {
  const code = errorCode(error);
  const wayOut = code === 'EACCES' || code === 'EPERM' ? ': chown it, or name another' : '';
  const message = `${messageOf(error)}${wayOut}`;
  return passing.has(code) ? new LstmdError('state.write', message) : unusable(message);
}

function unusable(message: string): LstmdError {
  return new LstmdError('state.unusable', message);
}

/**
 * Whoever can write in the directory can have the daemon resume another state, and publish other records.
 *
 * @returns what is wrong where that is anybody but this user and root
 */
function ownerFault(directory: string, uid: number, mode: number): string | undefined {
  const own = process.geteuid?.() ?? uid;
  if (uid !== own && uid !== 0) {
    return `it belongs to the user ${uid}, and lstmd runs as ${own}: "chown ${own} ${directory}", or name another stateDirectory`;
  }
  return (mode & 0o022) === 0
    ? undefined
    : `others may write in it (mode ${(mode & 0o777).toString(8)}): "chmod go-w ${directory}"`;
}

/**
 * Whoever made a symbolic link on the way chooses, at any time, where the states go. One of this user or of root is followed:
 * systemd makes one for a dynamic user, and others have a larger disk behind it.
 *
 * @returns what is wrong where a link on the way is anybody else's
 */
async function strangeLink(directory: string): Promise<string | undefined> {
  const own = process.geteuid?.();
  const names = resolve(directory).split('/').slice(1);
  for (let depth = 1; depth <= names.length; depth += 1) {
    const at = `/${names.slice(0, depth).join('/')}`;
    const about = await lstat(at).catch(() => undefined);
    if (about === undefined) {
      return undefined;
    }
    if (about.isSymbolicLink() && about.uid !== 0 && about.uid !== own) {
      return `${at} is a symbolic link of the user ${about.uid}, who chooses where it leads: name the folder itself, or "chown -h ${own ?? 0} ${at}"`;
    }
  }
  return undefined;
}

/**
 * The folders of the streams and of the outbox are written in, so none of them may be somewhere else. Links in place of
 * the files are refused where each is opened; that of a pty, which the demo keeps there, leads to no folder.
 *
 * @returns what is wrong where one is a symbolic link
 */
async function linkedFolder(directory: string): Promise<string | undefined> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const at = join(directory, entry.name);
    const target = entry.isSymbolicLink() ? await stat(at).catch(() => undefined) : undefined;
    if (target?.isDirectory() === true) {
      return `${at} is a symbolic link to a folder, and in the state directory none is followed: remove it, or mount that folder there (mount --bind)`;
    }
  }
  return undefined;
}

/** The directory, or the nearest one above it that is there. */
async function nearest(directory: string) {
  for (let at = directory; ; at = dirname(at)) {
    try {
      const about = await stat(at);
      return { at, uid: about.uid, mode: about.mode, isFolder: about.isDirectory() };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || dirname(at) === at) {
        throw error;
      }
    }
  }
}
