import { lookup3 } from './checksum.js';
import { Cursor } from './cursor.js';
import type { Metadata } from './metadata.js';
import { OutsideFormatError } from './outside-format.js';

/** The types of messages that are read (HDF5 File Format, IV.A.2). */
export const messageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  attribute: 0x0c,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const nil = 0x00;
const continuation = 0x10;
/** Fill values, group information, comment, times of modification, and the count of links. */
const withoutMeaning: ReadonlySet<number> = new Set([0x04, 0x05, 0x0a, 0x0d, 0x0e, 0x12, 0x16]);
const meant: ReadonlySet<number> = new Set(Object.values(messageType));

/** Set in a message that lies elsewhere in the file. */
const sharedFlag = 0x02;

/** One property of an object. */
export interface Message {
  readonly type: number;
  readonly body: Buffer;
}

interface Block {
  readonly at: number;
  readonly size: number;
}

const prefixBytes = 16;
const maxBlocks = 1000;

/**
 * The messages of an object, by its address.
 *
 * @throws OutsideFormatError for one with messages that are not known
 */
export function readObjectHeader(metadata: Metadata, at: number): Message[] {
  const isVersion1 = metadata.view(at, 1)[0] === 1;
  const found = isVersion1 ? readVersion1(metadata, at) : readVersion2(metadata, at);
  return found.filter(({ type }) => {
    if (!meant.has(type) && !withoutMeaning.has(type)) {
      throw new OutsideFormatError(`a message of type ${type}`);
    }
    return meant.has(type);
  });
}

/** The messages of a header and of the blocks that continue it. */
class MessageList {
  readonly messages: Message[] = [];
  readonly #blocks: Block[];
  /** Every message, also of those that are not kept. */
  count = 0;

  constructor(first: Block) {
    this.#blocks = [first];
  }

  *blocks(): Iterable<Block> {
    for (const [i, block] of this.#blocks.entries()) {
      if (i >= maxBlocks) {
        throw new OutsideFormatError('an object has too many parts');
      }
      yield block;
    }
  }

  add(type: number, flags: number, body: Buffer): void {
    this.count += 1;
    if (type === nil) {
      return;
    }
    if ((flags & sharedFlag) !== 0) {
      throw new OutsideFormatError('a shared message');
    }
    if (type === continuation) {
      const fields = new Cursor(body);
      this.#blocks.push({ at: fields.long(), size: fields.long() });
    } else {
      this.messages.push({ type, body });
    }
  }
}

function readVersion1(metadata: Metadata, at: number): Message[] {
  const prefix = new Cursor(metadata.view(at, prefixBytes));
  prefix.expect(1, 0);
  const count = prefix.number(2);
  prefix.skip(4);
  const list = new MessageList({ at: at + prefixBytes, size: prefix.number(4) });
  for (const block of list.blocks()) {
    const fields = new Cursor(metadata.view(block.at, block.size));
    while (fields.left > 0) {
      const type = fields.number(2);
      const size = fields.number(2);
      const flags = fields.number(1);
      fields.skip(3);
      if (size % 8 !== 0) {
        throw new OutsideFormatError('a message that is not aligned');
      }
      list.add(type, flags, fields.bytes(size));
    }
  }
  if (list.count !== count) {
    throw new OutsideFormatError('an object has another number of messages than it says');
  }
  return list.messages;
}

/** Bits of the flags of a header of version 2. */
const sizeBits = 0x03;
const tracksOrder = 0x04;
const hasPhases = 0x10;
const hasTimes = 0x20;
const knownFlags = 0x3f;
const checksumBytes = 4;
const signatureBytes = 4;

function readVersion2(metadata: Metadata, at: number): Message[] {
  const start = new Cursor(metadata.view(at, signatureBytes + 2));
  start.expectSignature('OHDR');
  start.expect(2);
  const flags = start.number(1);
  if ((flags & ~knownFlags) !== 0) {
    throw new OutsideFormatError('an object with flags that are not known');
  }
  const sizeBytes = 2 ** (flags & sizeBits);
  const skipped = ((flags & hasTimes) === 0 ? 0 : 16) + ((flags & hasPhases) === 0 ? 0 : 4);
  const prefixSize = start.position + skipped + sizeBytes;
  const prefix = new Cursor(metadata.view(at, prefixSize));
  prefix.skip(start.position + skipped);
  const size = sizeOfBytes(prefix, sizeBytes);
  const first = { at, size: prefixSize + size + checksumBytes };
  const list = new MessageList(first);
  for (const block of list.blocks()) {
    const bytes = metadata.view(block.at, block.size);
    const fields = new Cursor(bytes.subarray(0, Math.max(0, bytes.length - checksumBytes)));
    if (block === first) {
      fields.skip(prefixSize);
    } else {
      fields.expectSignature('OCHK');
    }
    if (new Cursor(bytes.subarray(-checksumBytes)).number(4) !== lookup3(fields.whole())) {
      throw new OutsideFormatError('the checksum of an object does not match');
    }
    const headerBytes = 4 + ((flags & tracksOrder) === 0 ? 0 : 2);
    // What is left over is too small for a message.
    while (fields.left >= headerBytes) {
      const type = fields.number(1);
      const length = fields.number(2);
      const messageFlags = fields.number(1);
      fields.skip(headerBytes - 4);
      list.add(type, messageFlags, fields.bytes(length));
    }
  }
  return list.messages;
}

function sizeOfBytes(fields: Cursor, bytes: number): number {
  return bytes === 8 ? fields.long() : fields.bytes(bytes).readUIntLE(0, bytes);
}
