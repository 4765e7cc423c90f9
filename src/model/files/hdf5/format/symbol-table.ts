import { Cursor } from './cursor.js';
import type { Metadata } from './metadata.js';
import { nameOf } from './name.js';
import { OutsideFormatError } from './outside-format.js';

/** An object in a group. */
export interface Link {
  readonly name: string;
  /** It is the address of the object's header. */
  readonly address: number;
}

const nodeHeaderBytes = 24;
const heapHeaderBytes = 32;
const entryBytes = 40;
const symbolNodeBytes = 8;
/** A symbol table entry that is no soft link has one of these types of cache. */
const cacheTypes: ReadonlySet<number> = new Set([0, 1]);

/**
 * The links of a group of the old style, sorted by name: a B-tree of version 1 whose leaves are symbol
 * table nodes, and a local heap that has the names (III.A to III.D).
 */
export function readSymbolTable(metadata: Metadata, tree: number, heap: number): Link[] {
  return new SymbolTable(metadata, readHeap(metadata, heap)).links(tree);
}

function readHeap(metadata: Metadata, at: number): Buffer {
  const fields = new Cursor(metadata.view(at, heapHeaderBytes));
  fields.expectSignature('HEAP');
  fields.expect(0, 0, 0, 0);
  const size = fields.long();
  // The next number says where the free parts begin.
  fields.optionalLong();
  return metadata.view(fields.long(), size);
}

class SymbolTable {
  readonly #metadata: Metadata;
  readonly #heap: Buffer;
  readonly #links: Link[] = [];
  /** The last name, as bytes. */
  #last: Buffer = Buffer.alloc(0);

  constructor(metadata: Metadata, heap: Buffer) {
    this.#metadata = metadata;
    this.#heap = heap;
  }

  links(tree: number): Link[] {
    this.#node(tree, null);
    return this.#links;
  }

  /** @param level that the node must have; null for the root */
  #node(at: number, level: number | null): void {
    const header = new Cursor(this.#metadata.view(at, nodeHeaderBytes));
    header.expectSignature('TREE');
    header.expect(0);
    const own = header.number(1);
    const count = header.number(2);
    if (level !== null && own !== level) {
      throw new OutsideFormatError('a B-tree with a node of another level');
    }
    const fields = new Cursor(this.#metadata.view(at, nodeHeaderBytes + 8 + 16 * count));
    fields.skip(nodeHeaderBytes);
    this.#expectKey(fields.long());
    for (let i = 0; i < count; i += 1) {
      const child = fields.long();
      if (own > 0) {
        this.#node(child, own - 1);
      } else {
        this.#leaf(child);
      }
      this.#expectKey(fields.long());
    }
  }

  #leaf(at: number): void {
    const header = new Cursor(this.#metadata.view(at, symbolNodeBytes));
    header.expectSignature('SNOD');
    header.expect(1, 0);
    const count = header.number(2);
    const fields = new Cursor(this.#metadata.view(at + symbolNodeBytes, entryBytes * count));
    for (let i = 0; i < count; i += 1) {
      const name = this.#name(fields.long());
      const address = fields.long();
      const cacheType = fields.number(4);
      fields.skip(4 + 16);
      if (!cacheTypes.has(cacheType) || Buffer.compare(this.#last, name) >= 0) {
        throw new OutsideFormatError('a group whose names are not in order');
      }
      this.#last = name;
      this.#links.push({ name: nameOf(name), address });
    }
  }

  /** Each key is the last name before it; so a search by name finds all names. */
  #expectKey(offset: number): void {
    if (!this.#name(offset).equals(this.#last)) {
      throw new OutsideFormatError('a B-tree with another key than the last name');
    }
  }

  #name(offset: number): Buffer {
    const end = this.#heap.indexOf(0, offset);
    if (offset >= this.#heap.length || end < 0) {
      throw new OutsideFormatError('a name outside of its heap');
    }
    return this.#heap.subarray(offset, end);
  }
}
