import type * as h5wasm from 'h5wasm';
import { decodeNumbers } from '../number-formats.js';
import type { Hdf5Content, Hdf5Dataset, Hdf5Request } from './hdf5-content.js';
import { isSelected } from './selection.js';

/** Groups and datasets that a file may have; models have hundreds. */
const maxObjects = 20_000;
/** Bytes that the text of one attribute may have; configurations have a few hundred kilobytes. */
const maxTextBytes = 8 * 2 ** 20;

/** Thrown where a file is not damaged, but asks for more than reading a model may take, or for a plug-in of HDF5. */
export class Hdf5RefusedError extends Error {}

/** The filters that HDF5 has itself (H5Zpublic.h): deflate, shuffle, fletcher32, szip, n-bit and scale-offset. */
const lastOwnFilter = 6;

function checkText(name: string, length: number): void {
  if (length > maxTextBytes) {
    throw new Hdf5RefusedError(`attribute ${name} has ${length} bytes, more than ${maxTextBytes}`);
  }
}

/** Refuses a dataset that was compressed by a plug-in, of which there is none here. */
function checkFilters(path: string, { filters }: h5wasm.Dataset): void {
  const foreign = filters.find(({ id }) => id > lastOwnFilter);
  if (foreign !== undefined) {
    throw new Hdf5RefusedError(
      `dataset ${path} is compressed with ${foreign.name === '' ? 'a filter of others' : foreign.name} (filter ${foreign.id}), which HDF5 itself does not have: save the model anew with Keras, or with h5py without compression or with compression="gzip"`,
    );
  }
}

type Library = typeof h5wasm;
type Module = Awaited<Library['ready']>;

/**
 * Reads one file within the limits of a request. h5wasm's in-memory build is used, not `h5wasm/node`:
 * that one works on the host's file system, where a link in a file could reach any file of the machine.
 */
export class Hdf5Reader {
  readonly #file: h5wasm.File;
  #datasetBytes = 0;

  readonly #library: Library;
  readonly #module: Module;
  readonly #request: Hdf5Request;
  readonly #onProgress: () => void;

  /** @param onProgress called as each object and each attribute begins to be read */
  constructor(library: Library, module: Module, request: Hdf5Request, onProgress: () => void) {
    this.#library = library;
    this.#module = module;
    this.#request = request;
    this.#onProgress = onProgress;
    // Without this handler a failed read only prints, and returns uninitialised memory.
    module.activate_throwing_error_handler();
    // The bytes belong to this thread, so that the library's file system need not copy them.
    const options = { flags: 'w', canOwn: true };
    module.FS.writeFile('read.h5', request.bytes, options);
    this.#file = new library.File('read.h5', 'r');
  }

  /** Reads the file, once. @throws Hdf5RefusedError, or what the library throws */
  content(): Hdf5Content {
    const { groups } = this.#request;
    const attributes = new Map([['/', this.#attributes(this.#file)]]);
    const datasets = new Map<string, Hdf5Dataset>();
    let count = 0;
    for (const path of this.#file.paths()) {
      this.#onProgress();
      if (!isSelected(path, groups)) {
        continue;
      }
      count += 1;
      if (count > maxObjects) {
        throw new Hdf5RefusedError(`it has more than ${maxObjects} objects`);
      }
      const entity = this.#file.get(path);
      if (entity instanceof this.#library.Group) {
        attributes.set(path, this.#attributes(entity));
      }
      if (entity instanceof this.#library.Dataset) {
        datasets.set(path, this.#dataset(path, entity));
      }
    }
    const names = this.#file.keys();
    this.#file.close();
    return { attributes, datasets, names };
  }

  #attributes(entity: h5wasm.Group | h5wasm.Dataset): Map<string, string[]> {
    const strings = new Map<string, string[]>();
    for (const [name, attribute] of Object.entries(entity.attrs)) {
      this.#onProgress();
      if (attribute.metadata.type === this.#module.H5T_class_t.H5T_STRING.value) {
        strings.set(name, this.#strings(entity.path, attribute));
      }
    }
    return strings;
  }

  /**
   * The strings of an attribute, of fixed or variable length. h5py marks its UTF-8 as ASCII, of which
   * h5wasm would make one character a byte.
   */
  #strings(path: string, attribute: h5wasm.Attribute): string[] {
    const { vlen, cset, size, total_size: count } = attribute.metadata;
    // An attribute is never compressed: one that claims more bytes than the file has is damaged.
    if (size * count > this.#request.bytes.length) {
      throw new Error('an attribute is too large');
    }
    if (vlen) {
      const texts = [attribute.value].flat().filter((text) => typeof text === 'string');
      for (const text of texts) {
        checkText(attribute.name, text.length);
      }
      if (cset === 1) {
        return texts;
      }
      return texts.map((text) => Buffer.from(text, 'latin1').toString('utf8'));
    }
    checkText(attribute.name, size * count);
    const fill = (pointer: bigint): number =>
      this.#module.get_attribute_data(this.#file.file_id, path, attribute.name, pointer);
    return this.#read(size * count, fill, (bytes) =>
      Array.from({ length: count }, (_, i) => {
        const text = Buffer.from(bytes.subarray(i * size, (i + 1) * size));
        const end = text.indexOf(0);
        return text.toString('utf8', 0, end < 0 ? size : end);
      }),
    );
  }

  #dataset(path: string, dataset: h5wasm.Dataset): Hdf5Dataset {
    const { metadata } = dataset;
    const { size, total_size: count, shape } = metadata;
    if (metadata.chunks === null && size * count > this.#request.bytes.length) {
      throw new Error(`dataset ${path} is larger than the file`);
    }
    // A dataset that is compressed, or was never written, may claim any size, and have several names.
    this.#datasetBytes += size * count;
    if (this.#datasetBytes > this.#request.maxBytes) {
      throw new Hdf5RefusedError(`its datasets hold more than ${this.#request.maxBytes} bytes`);
    }
    checkFilters(path, dataset);
    const type = this.#typeOf(dataset);
    // A virtual dataset consists of parts of other files, which would be read as zeros.
    if (type === 'other' || shape === null || metadata.virtual_sources !== undefined) {
      return { path, shape: shape ?? [], type: 'other', data: new Float32Array(0) };
    }
    const fill = (pointer: bigint): number =>
      this.#module.get_dataset_data(this.#file.file_id, path, null, null, null, pointer);
    const data = this.#read(size * count, fill, (bytes) => decodeNumbers(bytes, type));
    return { path, shape, type, data: data ?? new Float32Array(0) };
  }

  #typeOf(dataset: h5wasm.Dataset): string {
    const { type, size, signed } = dataset.metadata;
    const { H5T_FLOAT: float, H5T_INTEGER: integer, H5T_OPAQUE: opaque } = this.#module.H5T_class_t;
    if (type === float.value) {
      return `float${size * 8}`;
    }
    // Two opaque bytes are how h5py writes the bfloat16 of Keras, which HDF5 does not know.
    if (type === opaque.value && size === 2) {
      return 'bfloat16';
    }
    if (type !== integer.value) {
      return 'other';
    }
    // Keras stores bfloat16 as uint16 and says so in an attribute.
    const isBfloat16 = this.#attributes(dataset).get('dtype')?.[0] === 'bfloat16';
    return isBfloat16 ? 'bfloat16' : `${signed ? 'int' : 'uint'}${size * 8}`;
  }

  /**
   * Has the library copy `byteLength` bytes to its memory, and decodes them there. h5wasm's own
   * readers do not look at the status and do not know float16.
   */
  #read<T>(
    byteLength: number,
    fill: (pointer: bigint) => number,
    decode: (bytes: Uint8Array) => T,
  ): T {
    if (byteLength === 0) {
      return decode(new Uint8Array(0));
    }
    const pointer = this.#module._malloc(byteLength);
    if (pointer === 0) {
      throw new Error(`there is no memory for ${byteLength} bytes`);
    }
    if (fill(BigInt(pointer)) < 0) {
      throw new Error('a read failed');
    }
    // An allocation in the library could move its memory: there is none while this view is in use.
    const decoded = decode(this.#module.HEAPU8.subarray(pointer, pointer + byteLength));
    this.#module._free(pointer);
    return decoded;
  }
}
