import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorCode, LstmdError, reasonOf } from '../../base/errors.js';
import { printableText } from '../../base/printable-text.js';

/** The files of a model that may replace another one. */
export interface ModelFiles {
  readonly file: string;
  /** A case that it must reproduce, `<name>.case.json` beside it; undefined where there is none. */
  readonly verify: string | undefined;
  /** The statistics of its features and outputs, `<name>.reference.json`. */
  readonly reference: string | undefined;
  /** The errors that are usual for it, `<name>.distribution.json`. */
  readonly distribution: string | undefined;
}

const longestName = 200;

/**
 * Finds a model in the directory that a configuration names for them.
 *
 * @param name as somebody has sent it
 * @throws LstmdError `usage.invalid` for what is no plain name of a file there, a link, or too large a file
 */
export async function modelFiles(
  directory: string,
  name: unknown,
  maxBytes: number,
): Promise<ModelFiles> {
  const file = join(directory, plainName(name));
  const bytes = await bytesOf(file);
  if (bytes > maxBytes) {
    throw refused(
      file,
      `has ${bytes} bytes, and commands.maxModelBytes allows ${maxBytes}: a model for this device is smaller, or raise it`,
    );
  }
  const stem = file.replace(/\.[^./]+$/, '');
  return {
    file,
    verify: await beside(`${stem}.case.json`, maxBytes),
    reference: await beside(`${stem}.reference.json`, maxBytes),
    distribution: await beside(`${stem}.distribution.json`, maxBytes),
  };
}

/**
 * The SHA-256 of one file, lower-case hex.
 *
 * @throws Error of the file system
 */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** @throws LstmdError `usage.invalid` */
function plainName(name: unknown): string {
  const isPlain =
    typeof name === 'string' &&
    name !== '' &&
    name.length <= longestName &&
    !name.startsWith('.') &&
    !/[/\\\p{Cc}]/u.test(name);
  if (!isPlain) {
    const shown = typeof name === 'string' ? ` ("${printableText(name.slice(0, 80))}")` : '';
    throw new LstmdError(
      'usage.invalid',
      `file: must be the plain name of a file in commands.modelDirectory, without a path and not beginning with a dot${shown}`,
    );
  }
  return name;
}

/** @throws LstmdError `usage.invalid` where there is no such file, or it is none */
async function bytesOf(file: string): Promise<number> {
  const found = await lstat(file).catch((cause: unknown) => {
    throw refused(
      file,
      errorCode(cause) === 'ENOENT'
        ? 'is not there: put it into commands.modelDirectory first'
        : `cannot be read: ${reasonOf(cause)}`,
    );
  });
  if (found.isSymbolicLink()) {
    throw refused(file, 'is a link, which may lead anywhere: put the file itself there');
  }
  if (!found.isFile()) {
    throw refused(file, 'is no file');
  }
  return found.size;
}

async function beside(file: string, maxBytes: number): Promise<string | undefined> {
  try {
    await lstat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
  }
  const bytes = await bytesOf(file);
  if (bytes > maxBytes) {
    throw refused(file, `has ${bytes} bytes, and commands.maxModelBytes allows ${maxBytes}`);
  }
  return file;
}

function refused(file: string, why: string): LstmdError {
  return new LstmdError('usage.invalid', `file: ${basename(file)} ${why}`);
}
