import { readdir, readFile, readlink } from 'node:fs/promises';
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
    for (const file of open ?? []) {
      if (files.has(file)) {
        const program = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
        byFile.set(file, [...(byFile.get(file) ?? []), { pid: Number(pid), program }]);
      }
    }
  }
  return { byFile, isComplete };
}

/** The files that a process has open, each once; null where one may not look. */
async function openFiles(pid: string): Promise<Set<string> | null> {
  const folder = `/proc/${pid}/fd`;
  try {
    const descriptors = await readdir(folder);
    const links = descriptors.map((fd) => readlink(`${folder}/${fd}`).catch(() => ''));
    return new Set(await Promise.all(links));
  } catch (error) {
    // A process that has ended meanwhile has nothing open.
    return errorCode(error) === 'EACCES' ? null : new Set();
  }
}
