import type { ByteSource } from '../byte-source.js';
import type { Hdf5Content, Hdf5Dataset, Hdf5Selection } from './hdf5-content.js';
import { checkNoAttributeHeap, readAttribute } from './format/attribute.js';
import { countOf } from './format/dataspace.js';
import { readDataset, readNumbers, type StoredArray } from './format/dataset.js';
import { GlobalHeap } from './format/global-heap.js';
import { readLinks } from './format/links.js';
import type { Metadata } from './format/metadata.js';
import { messageType, readObjectHeader, type Message } from './format/object-header.js';
import { OutsideFormatError } from './format/outside-format.js';
import { openFile } from './format/superblock.js';
import type { Link } from './format/symbol-table.js';
import { isSelected } from './selection.js';

/** Groups and datasets that a file may have; models have hundreds. */
const maxObjects = 20_000;
const maxDepth = 100;

/**
 * Reads an HDF5 file of the form that Keras and h5py write, each dataset straight into its numbers:
 * superblocks of version 0, 2 and 3, groups with a symbol table or with few links, attributes of
 * texts, and datasets of numbers in one piece.
 *
 * What it reads is what the HDF5 library would read. It is not sure of anything else, and tells nothing
 * of why: that is for the library to find out.
 *
 * @param signal ends the reading, which then throws its reason
 * @returns null for a file of any other form, and for a damaged one
 * @throws LstmdError when the file cannot be read at all
 */
export async function readOwnFormat(
  source: ByteSource,
  selection: Hdf5Selection,
  signal?: AbortSignal,
): Promise<Hdf5Content | null> {
  try {
    const { metadata, root } = openFile(source);
    const tree = new ObjectTree(metadata, selection);
    tree.walk(root);
    const datasets = new Map<string, Hdf5Dataset>();
    for (const [path, { stored, type }] of tree.arrays) {
      const data = await readNumbers(source, stored, type, signal);
      datasets.set(path, { path, shape: stored.shape, type, data });
    }
    return { attributes: tree.attributes, datasets, names: tree.names };
  } catch (error) {
    if (error instanceof OutsideFormatError) {
      return null;
    }
    throw error;
  }
}

type Attributes = ReadonlyMap<string, readonly string[]>;

/** The objects of a file, without their numbers. */
class ObjectTree {
  readonly attributes = new Map<string, Attributes>();
  readonly arrays = new Map<string, { readonly stored: StoredArray; readonly type: string }>();
  /** Names of all objects in the root. */
  readonly names: string[] = [];
  /** Addresses of the objects: one that is met again would be in the file by two names, or in itself. */
  readonly #met = new Set<number>();
  #bytes = 0;
  readonly #metadata: Metadata;
  readonly #heap: GlobalHeap;
  readonly #selection: Hdf5Selection;

  constructor(metadata: Metadata, selection: Hdf5Selection) {
    this.#metadata = metadata;
    this.#heap = new GlobalHeap(metadata);
    this.#selection = selection;
  }

  walk(root: number): void {
    const messages = this.#open(root);
    const links = readLinks(this.#metadata, messages);
    if (links === null) {
      throw new OutsideFormatError('the root is no group');
    }
    this.attributes.set('/', this.#attributes(messages));
    this.names.push(...links.map(({ name }) => name));
    this.#members('', links, 0);
  }

  #members(base: string, links: readonly Link[], depth: number): void {
    for (const { name, address } of links) {
      const path = base + name;
      if (isSelected(path, this.#selection.groups)) {
        this.#object(path, address, depth);
      }
    }
  }

  #object(path: string, address: number, depth: number): void {
    const messages = this.#open(address);
    const links = readLinks(this.#metadata, messages);
    const stored = readDataset(this.#metadata, messages);
    if ((links === null) === (stored === null) || depth > maxDepth) {
      throw new OutsideFormatError('neither a group nor a dataset');
    }
    if (stored !== null) {
      this.#add(path, stored, messages);
    }
    if (links !== null) {
      this.attributes.set(path, this.#attributes(messages));
      this.#members(`${path}/`, links, depth + 1);
    }
  }

  #open(address: number): Message[] {
    if (this.#met.has(address) || this.#met.size > maxObjects) {
      throw new OutsideFormatError('an object of two names, or too many objects');
    }
    this.#met.add(address);
    return readObjectHeader(this.#metadata, address);
  }

  #add(path: string, stored: StoredArray, messages: readonly Message[]): void {
    const { size, name } = stored.type;
    this.#bytes += countOf(stored.shape) * size;
    if (this.#bytes > this.#selection.maxBytes) {
      throw new OutsideFormatError('the datasets are too large');
    }
    const isFloat = name.includes('float');
    this.arrays.set(path, { stored, type: isFloat ? name : this.#integerType(stored, messages) });
  }

  /** Keras without h5py's opaque type stores bfloat16 as uint16 and says so in an attribute. */
  #integerType({ type: { name } }: StoredArray, messages: readonly Message[]): string {
    if (this.#attributes(messages).get('dtype')?.[0] !== 'bfloat16') {
      return name;
    }
    if (name !== 'uint16') {
      throw new OutsideFormatError('bfloat16 of another size');
    }
    return 'bfloat16';
  }

  #attributes(messages: readonly Message[]): Attributes {
    const names = new Set<string>();
    const attributes = new Map<string, readonly string[]>();
    for (const { type, body } of messages) {
      if (type === messageType.attributeInfo) {
        checkNoAttributeHeap(body);
      }
      if (type !== messageType.attribute) {
        continue;
      }
      const { name, texts } = readAttribute(body, this.#heap);
      if (names.has(name)) {
        throw new OutsideFormatError('two attributes of one name');
      }
      names.add(name);
      if (texts !== null) {
        attributes.set(name, texts);
      }
    }
    return attributes;
  }
}
