import { createHash } from 'node:crypto';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, LstmdError } from '../base/errors.js';
import { allBytes, forEachPiece, type ByteSource } from './files/byte-source.js';
import { changedWhileRead, FileSource, unreadable } from './files/file-source.js';
import { maxConfigBytes, parseConfig } from './files/keras/config-text.js';
import { unsupportedFile, unsupportedFolder, unsupportedJson } from './files/unsupported-format.js';
import { readKerasArchive } from './files/keras/keras-archive.js';
import { readKerasHdf5 } from './files/keras/keras-hdf5.js';
import type { ModelSource } from './source/model-source.js';
import { maxModelBytes } from './files/size-limit.js';

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
  const files = new ModelFiles(signal);
  const names = await namesInFolder(path);
  if (names !== null && !names.includes('model.json')) {
    throw unsupportedFolder(names);
  }
  const file = names === null ? path : join(path, 'model.json');
  const source = await files.read(file, (bytes) => readSource(bytes, dirname(file), files, signal));
  return { source, sha256: files.sha256() };
}

async function readSource(
  file: ByteSource,
  folder: string,
  files: ModelFiles,
  signal: AbortSignal | undefined,
): Promise<ModelSource> {
  const start = file.view(0, Math.min(file.size, 100)).toString('latin1');
  const magic = start.slice(0, 8);
  if (magic.startsWith(zipMagic)) {
    return readKerasArchive(file, signal);
  }
  if (magic === hdf5Magic) {
    return readKerasHdf5(file, signal);
  }
  if (file.size > 0 && (zipMagic.startsWith(magic) || hdf5Magic.startsWith(magic))) {
    throw new LstmdError('model.malformed', 'the file is cut off; copy it again');
  }
  if (!/^(\u00EF\u00BB\u00BF)?\s*\{/.test(start)) {
    throw unsupportedFile(file.view(0, Math.min(file.size, 1000)));
  }
  // One byte more than is allowed is enough to see that the text is too large.
  const text = file.view(0, Math.min(file.size, maxConfigBytes + 1)).toString('utf8');
  const json = parseConfig(text, 'the file');
  const { isTfjsModel, readTfjsModel } = await import('./files/tfjs/tfjs-model.js');
  if (!isTfjsModel(json)) {
    throw unsupportedJson(json);
  }
  return readTfjsModel(json, async (path) => {
    const isInside = path !== '' && !/^([/\\]|\w+:)|(^|[/\\])\.\.([/\\]|$)|\0/.test(path);
    if (!isInside) {
      throw new LstmdError('model.refused', `shard "${path}" does not lie beside model.json`);
    }
    try {
      return await files.read(join(folder, path), (shard) => allBytes(shard, signal));
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

/** Opens, hashes and reads the files of one model, which together may have no more bytes than a model. */
class ModelFiles {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /**
   * Reads one file, in parts and more than once: where it changed meanwhile, nothing of it counts.
   *
   * @param use reads from the file, which is closed afterwards
   */
  async read<T>(path: string, use: (file: ByteSource) => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
    const handle = await openFile(path);
    try {
      const before = await handle.stat({ bigint: true });
      this.#bytes += Number(before.size);
      if (this.#bytes > maxModelBytes) {
        throw new LstmdError(
          'model.refused',
          `the model has ${this.#bytes} bytes, more than the ${maxModelBytes} that are read`,
        );
      }
      const file = FileSource.of(handle, Number(before.size));
      await forEachPiece(file, (piece) => this.#hash.update(piece), this.#signal);
      const isUnchanged = async (): Promise<boolean> => {
        const after = await handle.stat({ bigint: true });
        return after.size === before.size && after.mtimeNs === before.mtimeNs;
      };
      let result: T;
      try {
        result = await use(file);
      } catch (cause) {
        throw (await isUnchanged()) ? cause : changedWhileRead();
      }
      if (!(await isUnchanged())) {
        throw changedWhileRead();
      }
      return result;
    } finally {
      await handle.close();
    }
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Opening a pipe would wait for its other end, and reading a device might never end.
    if ((await stat(path)).isFile()) {
      return await open(path, 'r');
    }
  } catch (cause) {
    throw unreadable(cause);
  }
  throw new LstmdError('model.unreadable', `${path} is not a file`);
}
