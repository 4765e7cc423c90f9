import { createHash } from 'node:crypto';
import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { errorCode, LstmdError } from '../base/errors.js';
import { allBytes, forEachPiece, type ByteSource } from './files/byte-source.js';
import { changedWhileRead, FileSource, unreadable } from './files/file-source.js';
import { maxConfigBytes, parseConfig } from './files/keras/config-text.js';
import {
  looksLikeOnnx,
  unsupportedFile,
  unsupportedFolder,
  unsupportedJson,
} from './files/unsupported-format.js';
import { readKerasArchive } from './files/keras/keras-archive.js';
import { readKerasHdf5 } from './files/keras/keras-hdf5.js';
import type { ReadBeside } from './files/onnx/external-data.js';
import type { ModelSource } from './source/model-source.js';
import type { OnnxSource } from './source/onnx-source.js';
import { maxModelBytes } from './files/size-limit.js';

/** A model as it was read from the disk. */
export type ModelFile = ModelContent & HashedFile;

/** A Keras or TensorFlow.js model as it was read from the disk. */
export type KerasFile = Extract<ModelFile, { readonly dialect: 'keras' }>;

interface HashedFile {
  /**
   * SHA-256 of the file, lower-case hex; for a TensorFlow.js model that of `model.json` and its
   * shards one after the other, and so for an ONNX file and those that its weights lie in.
   */
  readonly sha256: string;
}

type ModelContent =
  | { readonly dialect: 'keras'; readonly source: ModelSource }
  | { readonly dialect: 'onnx'; readonly source: OnnxSource };

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
  const content = await files.read(file, (bytes) => readContent(bytes, file, files, signal));
  return { ...content, sha256: files.sha256() };
}

async function readContent(
  file: ByteSource,
  path: string,
  files: ModelFiles,
  signal: AbortSignal | undefined,
): Promise<ModelContent> {
  const start = file.view(0, Math.min(file.size, 100));
  if (looksLikeOnnx(start, basename(path))) {
    const { readOnnxFile } = await import('./files/onnx/onnx-file.js');
    return {
      dialect: 'onnx',
      source: await readOnnxFile(file, besideModel(path, files), signal),
    };
  }
  return { dialect: 'keras', source: await readKerasSource(file, dirname(path), files, signal) };
}

/** Reads files of a model's folder; what a link leads to must lie in it as well. */
function besideModel(path: string, files: ModelFiles): ReadBeside {
  return async (location, use) => {
    const file = join(dirname(path), location);
    let isInside: boolean;
    try {
      const folder = await realpath(dirname(path));
      isInside = (await realpath(file)).startsWith(folder.endsWith(sep) ? folder : folder + sep);
    } catch (cause) {
      throw unreadable(cause);
    }
    if (!isInside) {
      throw new LstmdError(
        'model.refused',
        `its weights lie in "${location}", a link that leads out of the model's folder, as a download cache makes it: copy the files themselves beside the model`,
      );
    }
    await files.read(file, use);
  };
}

async function readKerasSource(
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
