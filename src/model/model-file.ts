import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, LstmdError, messageOf } from '../base/errors.js';
import { maxConfigBytes, parseConfig } from './files/keras/config-text.js';
import { unsupportedFile, unsupportedFolder, unsupportedJson } from './files/unsupported-format.js';
import { readKerasArchive } from './files/keras/keras-archive.js';
import { readKerasHdf5 } from './files/keras/keras-hdf5.js';
import type { ModelSource } from './source/model-source.js';
import { maxModelBytes } from './files/size-limit.js';
import { isTfjsModel, readTfjsModel } from './files/tfjs/tfjs-model.js';

/** A model as it was read from the disk. */
export interface ModelFile {
  readonly source: ModelSource;
  /**
   * SHA-256 of the file, lower-case hex; for a TensorFlow.js model that of `model.json` and its
   * shards one after the other.
   */
  readonly sha256: string;
}

const zipMagic = 'PK\u0003\u0004';
const hdf5Magic = '\u0089HDF\r\n\u001A\n';

/**
 * Reads a model file, whose format its content decides and not its name, or the folder of a
 * TensorFlow.js model.
 *
 * @param signal ends the reading, which then throws its reason
 * @throws LstmdError `model.unreadable` when there is none, `model.malformed` when it is damaged,
 *   `model.refused` when it is too large or of a kind that cannot be loaded, `model.notRead` when the
 *   machine lacks what reading it takes
 */
export async function readModelFile(path: string, signal?: AbortSignal): Promise<ModelFile> {
  const reader = new BoundedReader(signal);
  const names = await namesInFolder(path);
  if (names !== null && !names.includes('model.json')) {
    throw unsupportedFolder(names);
  }
  const file = names === null ? path : join(path, 'model.json');
  const source = await readSource(await reader.read(file), dirname(file), reader, signal);
  return { source, sha256: reader.sha256() };
}

async function readSource(
  bytes: Uint8Array,
  folder: string,
  reader: BoundedReader,
  signal: AbortSignal | undefined,
): Promise<ModelSource> {
  const magic = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (magic.startsWith(zipMagic)) {
    return readKerasArchive(bytes, signal);
  }
  if (magic === hdf5Magic) {
    return readKerasHdf5(bytes, signal);
  }
  if (bytes.length > 0 && (zipMagic.startsWith(magic) || hdf5Magic.startsWith(magic))) {
    throw new LstmdError('model.malformed', 'the file is cut off; copy it again');
  }
  if (!/^(\u00EF\u00BB\u00BF)?\s*\{/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'))) {
    throw unsupportedFile(bytes);
  }
  // One byte more than is allowed is enough to see that the text is too large.
  const text = Buffer.from(bytes.subarray(0, maxConfigBytes + 1)).toString('utf8');
  const json = parseConfig(text, 'the file');
  if (!isTfjsModel(json)) {
    throw unsupportedJson(json);
  }
  return readTfjsModel(json, async (path) => {
    const isInside = path !== '' && !/^([/\\]|\w+:)|(^|[/\\])\.\.([/\\]|$)|\0/.test(path);
    if (!isInside) {
      throw new LstmdError('model.refused', `shard "${path}" does not lie beside model.json`);
    }
    try {
      return await reader.read(join(folder, path));
    } catch (cause) {
      if (cause instanceof LstmdError && errorCode(cause.cause) === 'ENOENT') {
        const message = `shard "${path}" does not lie beside model.json: copy the whole folder`;
        throw new LstmdError('model.unreadable', message, { cause });
      }
      throw cause;
    }
  });
}

/** The names in a folder; null where the path is not a folder. */
async function namesInFolder(path: string): Promise<string[] | null> {
  try {
    return (await stat(path)).isDirectory() ? await readdir(path) : null;
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** What a process may be short of for a while, so that another try may help. */
const shortages: ReadonlySet<string | undefined> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
]);

function unreadable(cause: unknown): LstmdError {
  const code = shortages.has(errorCode(cause)) ? 'model.notRead' : 'model.unreadable';
  return new LstmdError(code, messageOf(cause), { cause });
}

/** Reads and hashes the files of one model, which together may have no more bytes than a model. */
class BoundedReader {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async read(path: string): Promise<Uint8Array> {
    try {
      const about = await stat(path);
      // A pipe or a device might never end.
      if (!about.isFile()) {
        throw new LstmdError('model.unreadable', `${path} is not a file`);
      }
      this.#bytes += about.size;
      if (this.#bytes > maxModelBytes) {
        throw new LstmdError(
          'model.refused',
          `the model has ${this.#bytes} bytes, more than the ${maxModelBytes} that are read`,
        );
      }
      const bytes = await readFile(path, { signal: this.#signal });
      this.#hash.update(bytes);
      return bytes;
    } catch (cause) {
      this.#signal?.throwIfAborted();
      if (cause instanceof LstmdError) {
        throw cause;
      }
      throw unreadable(cause);
    }
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }
}
