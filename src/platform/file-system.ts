import * as fs from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../base/errors.js';

/**
 * The file system as the state and the outbox use it. Tests put others in its place that fail,
 * tear or reorder writes, or forget what was not synced.
 */
export interface FileSystem {
  /** Creates a directory and its parents, for the owner only and durably; it may exist. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory. */
  list(path: string): Promise<readonly string[]>;
  /** The whole of a file, or null where there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /**
   * Opens for reading and writing; an absent file is created empty, with mode 0600 by default. A symbolic
   * link in its place is an error, so that nobody has another file written to.
   */
  open(path: string, mode?: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. One that somebody else removed is no error. */
  remove(path: string): Promise<void>;
  /** Makes durable which names a directory holds. */
  syncDirectory(path: string): Promise<void>;
}

export interface OpenFile {
  /** Bytes of the file, and how many directories' names lead to it: 0 once it was removed. */
  stat(): Promise<{ readonly size: number; readonly links: number }>;
  truncate(size: number): Promise<void>;
  /** Writes all of `bytes` at `position`. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Makes the file's bytes and its length durable (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system of the machine. */
export const nodeFileSystem: FileSystem = {
  async makeDirectory(path) {
    const first = await makeMissing(resolve(path));
    if (first === null) {
      return;
    }
    // A directory whose name is not synced can be lost in a power cut, with every file in it.
    const top = dirname(first);
    for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
      await nodeFileSystem.syncDirectory(parent);
      if (parent === top) {
        return;
      }
    }
  },
  list: (path) => fs.readdir(path),
  async read(path) {
    try {
      return await fs.readFile(path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return null;
      }
      throw error;
    }
  },
  async open(path, mode = 0o600) {
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = fs.constants;
    const handle = await fs.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode);
    return new NodeFile(handle);
  },
  rename: (from, to) => fs.rename(from, to),
  remove: (path) => fs.rm(path, { force: true }),
  async syncDirectory(path) {
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/**
 * Makes a directory and its parents. Node's own recursive mkdir never ends where a directory is there and
 * none can be made in it, as in /proc.
 *
 * @returns the first that was made; null where all were there
 */
async function makeMissing(path: string): Promise<string | null> {
  try {
    return (await makeOne(path)) ? path : null;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || path === dirname(path)) {
      throw error;
    }
  }
  const first = await makeMissing(dirname(path));
  const isMade = await makeOne(path);
  return first ?? (isMade ? path : null);
}

/** Makes a directory in one that is there; false where it is there itself. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await fs.mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await fs.stat(path)).isDirectory()) {
      return false;
    }
    throw error;
  }
}

class NodeFile implements OpenFile {
  readonly #handle: fs.FileHandle;

  constructor(handle: fs.FileHandle) {
    this.#handle = handle;
  }

  async stat(): Promise<{ size: number; links: number }> {
    const { size, nlink } = await this.#handle.stat();
    return { size, links: nlink };
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    // write(2) may stop short, above all on a disk that is nearly full; the next call then fails
    // with the reason.
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        position + written,
      );
      written += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
