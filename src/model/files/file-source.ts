import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { errorCode, LstmdError, messageOf } from '../../base/errors.js';
import { checkWithin, type ByteSource } from './byte-source.js';

/** Bytes that are read at once where few are asked for. */
const pageBytes = 2 ** 16;
const maxPages = 8;
/** Bytes of one read of many, between which a signal is looked at. */
const maxReadBytes = 2 ** 23;

/** Pages of an open file, the newest few of which stay in memory. */
class Pages {
  readonly handle: FileHandle;
  readonly size: number;
  readonly #pages = new Map<number, Buffer>();

  constructor(handle: FileHandle, size: number) {
    this.handle = handle;
    this.size = size;
  }

  view(at: number, length: number): Buffer {
    const first = at - (at % pageBytes);
    if (at + length > first + pageBytes) {
      return this.#read(at, length);
    }
    const page = this.#pages.get(first) ?? this.#load(first);
    return page.subarray(at - first, at - first + length);
  }

  #load(first: number): Buffer {
    const page = this.#read(first, Math.min(pageBytes, this.size - first));
    const [oldest] = this.#pages.keys();
    if (this.#pages.size === maxPages && oldest !== undefined) {
      this.#pages.delete(oldest);
    }
    this.#pages.set(first, page);
    return page;
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = attempt(() => readSync(this.handle.fd, bytes, done, length - done, at + done));
      if (count === 0) {
        throw changedWhileRead();
      }
      done += count;
    }
    return bytes;
  }
}

/** A source that is an open file, or a part of it. The file must stay open for as long as it is read. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #pages: Pages;
  readonly #start: number;

  private constructor(pages: Pages, start: number, size: number) {
    this.#pages = pages;
    this.#start = start;
    this.size = size;
  }

  /** @param size of the file */
  static of(handle: FileHandle, size: number): FileSource {
    return new FileSource(new Pages(handle, size), 0, size);
  }

  view(at: number, length: number): Buffer {
    checkWithin(this.size, at, length);
    return this.#pages.view(this.#start + at, length);
  }

  async readInto(target: Uint8Array, at: number, signal?: AbortSignal): Promise<void> {
    checkWithin(this.size, at, target.length);
    let done = 0;
    while (done < target.length) {
      signal?.throwIfAborted();
      const length = Math.min(maxReadBytes, target.length - done);
      const from = this.#start + at + done;
      const { bytesRead } = await this.#pages.handle
        .read(target, done, length, from)
        .catch((cause: unknown) => {
          throw unreadable(cause);
        });
      if (bytesRead === 0) {
        throw changedWhileRead();
      }
      done += bytesRead;
    }
  }

  part(at: number, size: number): ByteSource {
    checkWithin(this.size, at, size);
    return new FileSource(this.#pages, this.#start + at, size);
  }
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** Holds what a process may be short of for a while, so that another try may help. */
const shortages: ReadonlySet<string | undefined> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
]);

/** The error for a file that the system does not let be read. */
export function unreadable(cause: unknown): LstmdError {
  const code = shortages.has(errorCode(cause)) ? 'model.notRead' : 'model.unreadable';
  return new LstmdError(code, messageOf(cause), { cause });
}

/** The error for a file that another program writes to at the same time. */
export function changedWhileRead(): LstmdError {
  return new LstmdError(
    'model.notRead',
    'the file changed while it was read: write a model beside it and rename that, or try again',
  );
}
