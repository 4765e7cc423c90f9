import { constants, type Stats } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { errorCode } from '../base/errors.js';

/** A process that has a file open. */
export interface FileHolder {
  readonly pid: number;
  /** The name of its program, as the kernel has it: 15 characters at most. */
  readonly program: string;
}

export interface FileHolders {
  /** From each of the files to the processes that have it open; a file that nobody has open is absent. */
  readonly byFile: ReadonlyMap<string, readonly FileHolder[]>;
  /** True when every process could be looked at; another user's cannot, but by root. */
  readonly isComplete: boolean;
}

/**
 * Finds the processes that have one of some files open.
 *
 * @param files absolute paths without links in them
 */
export async function findFileHolders(files: ReadonlySet<string>): Promise<FileHolders> {
  const byFile = new Map<string, FileHolder[]>();
  let isComplete = true;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const open = await openFiles(pid);
    isComplete &&= open !== null;
    for (const [file, descriptor] of open ?? []) {
      if (files.has(file) && (await isSame(file, descriptor))) {
        const program = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
        byFile.set(file, [...(byFile.get(file) ?? []), { pid: Number(pid), program }]);
      }
    }
  }
  return { byFile, isComplete };
}

/** The files that a process has open, each once, and a descriptor of each; null where one may not look. */
async function openFiles(pid: string): Promise<Map<string, string> | null> {
  const folder = `/proc/${pid}/fd`;
  try {
    const descriptors = (await readdir(folder)).map((fd) => `${folder}/${fd}`);
    const links = descriptors.map(async (descriptor): Promise<[string, string]> => [
      await readlink(descriptor).catch(() => ''),
      descriptor,
    ]);
    return new Map(await Promise.all(links));
  } catch (error) {
    // A process that has ended meanwhile has nothing open.
    return errorCode(error) === 'EACCES' ? null : new Map();
  }
}

/** Majors of pseudo-terminals, which are numbered anew in each container. */
const ptyMajors = { first: 136, last: 143 };

/** Tells whether a descriptor is of the file that has its path here; one that cannot be looked at is taken for it. */
async function isSame(file: string, descriptor: string): Promise<boolean> {
  try {
    return isSameFile(await stat(file), await stat(descriptor));
  } catch {
    return true;
  }
}

/**
 * Tells whether two files of the same path are one: a process in a container has others under the paths that are here. A device is
 * the same wherever its node is, but for pseudo-terminals.
 */
export function isSameFile(
  here: Pick<Stats, 'dev' | 'ino' | 'rdev' | 'mode'>,
  there: Pick<Stats, 'dev' | 'ino' | 'rdev' | 'mode'>,
): boolean {
  const major = (here.rdev >> 8) & 0xfff;
  const isPty = major >= ptyMajors.first && major <= ptyMajors.last;
  return (here.mode & constants.S_IFMT) === constants.S_IFCHR && !isPty
    ? here.rdev === there.rdev
    : here.dev === there.dev && here.ino === there.ino;
}
