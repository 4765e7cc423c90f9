import type * as h5wasm from 'h5wasm';
import { LstmdError, messageOf } from '../../errors.js';
import { maxModelBytes, type StoredWeight } from './model-source.js';
import { decodeNumbers } from './numbers.js';

type Library = typeof h5wasm;
type Module = Awaited<Library['ready']>;

let opened = 0;

/**
 * Opens HDF5 bytes, calls `read` with the file, and closes it again.
 *
 * h5wasm's in-memory build is used, not `h5wasm/node`: that one works on the host's file system, so
 * that the bytes would need a temporary file and an HDF5 link could reach any file of the machine.
 *
 * @throws LstmdError `model.malformed` when the file is damaged; whatever `read` throws
 */
export async function readHdf5<T>(bytes: Uint8Array, read: (file: Hdf5File) => T): Promise<T> {
  const library = await import('h5wasm');
  const module = await library.ready;
  // Without this a failed read only prints to stderr, and what it returns is uninitialised memory.
  module.activate_throwing_error_handler();
  const name = `/model-${++opened}.h5`;
  module.FS.writeFile(name, bytes);
  try {
    const file = new library.File(name, 'r');
    try {
      return read(new Hdf5File(library, module, file));
    } finally {
      file.close();
    }
  } catch (cause) {
    if (cause instanceof LstmdError) throw cause;
    throw new LstmdError('model.malformed', `the HDF5 data is damaged: ${reasonOf(cause)}`, {
      cause,
    });
  } finally {
    module.FS.unlink(name);
  }
}

/** An open HDF5 file. Every method may throw what h5wasm throws; `readHdf5` turns it into an LstmdError. */
export class Hdf5File {
  readonly #library: Library;
  readonly #module: Module;
  readonly #file: h5wasm.File;

  constructor(library: Library, module: Module, file: h5wasm.File) {
    this.#library = library;
    this.#module = module;
    this.#file = file;
  }

  has(path: string): boolean {
    return path === '/' || this.#paths().has(path.replace(/^\//, ''));
  }

  /** Paths of all datasets, without a leading slash. */
  datasets(): string[] {
    return [...this.#paths()].filter((path) => this.#dataset(path) !== undefined);
  }

  /** A string attribute, or null where there is none of that name. */
  string(path: string, attribute: string): string | null {
    return this.strings(path, attribute)?.[0] ?? null;
  }

  /** An attribute's strings, or null where there is none of that name. */
  strings(path: string, attribute: string): string[] | null {
    const found = this.#attribute(path, attribute);
    if (found === undefined) return null;
    if (found.metadata.type !== this.#module.H5T_class_t.H5T_STRING.value) return [];
    // h5py marks its UTF-8 bytes as ASCII, which h5wasm then reads one character a byte.
    if (found.metadata.vlen) {
      const texts = [found.value].flat().filter((text) => typeof text === 'string');
      return found.metadata.cset === 1
        ? texts
        : texts.map((text) => Buffer.from(text, 'latin1').toString('utf8'));
    }
    const { size, total_size: count } = found.metadata;
    const bytes = this.#read(size * count, (pointer) =>
      this.#module.get_attribute_data(this.#file.file_id, path, attribute, pointer),
    );
    return Array.from({ length: count }, (_, i) => {
      const text = bytes.subarray(i * size, (i + 1) * size);
      const end = text.indexOf(0);
      return Buffer.from(end < 0 ? text : text.subarray(0, end)).toString('utf8');
    });
  }

  /**
   * An array of numbers, converted to float32; undefined where the path names no dataset.
   *
   * @throws LstmdError `model.refused` when it holds no numbers or is too large
   */
  numbers(path: string): StoredWeight | undefined {
    const dataset = this.#dataset(path);
    if (dataset === undefined) return undefined;
    const { metadata } = dataset;
    const classes = this.#module.H5T_class_t;
    const kind =
      metadata.type === classes.H5T_FLOAT.value
        ? 'float'
        : metadata.type === classes.H5T_INTEGER.value
          ? metadata.signed
            ? 'int'
            : 'uint'
          : undefined;
    if (kind === undefined || metadata.shape === null || metadata.virtual_sources !== undefined)
      throw new LstmdError('model.refused', `dataset ${path} does not hold plain numbers`);
    const byteLength = metadata.size * metadata.total_size;
    if (byteLength > maxModelBytes)
      throw new LstmdError(
        'model.refused',
        `dataset ${path} has ${byteLength} bytes, more than the ${maxModelBytes} that are read`,
      );
    const bytes = this.#read(byteLength, (pointer) =>
      this.#module.get_dataset_data(this.#file.file_id, path, null, null, null, pointer),
    );
    // Keras stores bfloat16 as uint16 and says so in an attribute.
    const bfloat = kind === 'uint' && this.string(path, 'dtype') === 'bfloat16';
    const type = bfloat ? 'bfloat16' : `${kind}${metadata.size * 8}`;
    const data = decodeNumbers(bytes, type);
    if (data === undefined)
      throw new LstmdError('model.refused', `dataset ${path} holds ${type} numbers`);
    return { path, shape: metadata.shape, type, data };
  }

  #names: Set<string> | undefined;

  #paths(): Set<string> {
    this.#names ??= new Set(this.#file.paths());
    return this.#names;
  }

  #dataset(path: string): h5wasm.Dataset | undefined {
    if (!this.has(path)) return undefined;
    const entity = this.#file.get(path);
    return entity instanceof this.#library.Dataset ? entity : undefined;
  }

  #attribute(path: string, name: string): h5wasm.Attribute | undefined {
    const entity = this.has(path) ? this.#file.get(path) : null;
    if (!(entity instanceof this.#library.Group || entity instanceof this.#library.Dataset))
      return undefined;
    return entity.attrs[name];
  }

  /** h5wasm's own readers do not look at the status and know no float16. */
  #read(byteLength: number, fill: (pointer: bigint) => number): Uint8Array {
    if (byteLength === 0) return new Uint8Array(0);
    const pointer = this.#module._malloc(byteLength);
    if (pointer === 0) throw new Error(`no memory for ${byteLength} bytes`);
    try {
      if (fill(BigInt(pointer)) < 0) throw new Error('a read failed');
      return this.#module.HEAPU8.slice(pointer, pointer + byteLength);
    } finally {
      this.#module._free(pointer);
    }
  }
}

/** The innermost line of HDF5's error stack says what is wrong. */
function reasonOf(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .filter((line) => /^\s*#\d+:/.test(line));
  return lines.at(-1)?.replace(/^.*\(\): /, '') ?? messageOf(error).split('\n', 1)[0] ?? '';
}
