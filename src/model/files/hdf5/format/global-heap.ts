import { Cursor } from './cursor.js';
import type { Metadata } from './metadata.js';
import { OutsideFormatError } from './outside-format.js';

const headerBytes = 16;

/** Texts of variable length, each by the address of its collection and its index in that (III.E). */
export class GlobalHeap {
  readonly #metadata: Metadata;
  readonly #collections = new Map<number, ReadonlyMap<number, Buffer>>();

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  /** @throws OutsideFormatError where there is no such object */
  object(address: number, index: number): Buffer {
    const collection = this.#collections.get(address) ?? this.#read(address);
    this.#collections.set(address, collection);
    const object = collection.get(index);
    if (object === undefined) {
      throw new OutsideFormatError('a text is missing');
    }
    return object;
  }

  #read(address: number): ReadonlyMap<number, Buffer> {
    const header = new Cursor(this.#metadata.view(address, headerBytes));
    header.expectSignature('GCOL');
    header.expect(1, 0, 0, 0);
    const fields = new Cursor(this.#metadata.view(address, header.long()));
    fields.skip(headerBytes);
    const objects = new Map<number, Buffer>();
    while (fields.left >= headerBytes) {
      const index = fields.number(2);
      fields.skip(2 + 4);
      const size = fields.long();
      // The object 0 is what is free, which goes to the end.
      if (index === 0) {
        break;
      }
      if (objects.has(index)) {
        throw new OutsideFormatError('two objects of one index');
      }
      objects.set(index, fields.bytes(size));
      fields.align(8);
    }
    return objects;
  }
}
