import { decodeNumbers } from '../../number-formats.js';
import type { ByteSource } from '../../byte-source.js';
import { Cursor } from './cursor.js';
import { countOf, readDataspace } from './dataspace.js';
import { readDatatype, type NumberType } from './datatype.js';
import type { Metadata } from './metadata.js';
import { messageType, type Message } from './object-header.js';
import { OutsideFormatError } from './outside-format.js';

/** An array of numbers whose bytes lie in one piece. */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly type: NumberType;
  /** Address of the numbers; or the numbers themselves, where they are in the object's header. */
  readonly storage: number | Buffer;
}

const compact = 0;
const contiguous = 1;

/**
 * Returns what the messages of a dataset say; null where the object is none.
 *
 * @throws OutsideFormatError for one that is in pieces or compressed, was never written, or has no numbers
 */
export function readDataset(metadata: Metadata, messages: readonly Message[]): StoredArray | null {
  const bodies = (wanted: number): Buffer[] =>
    messages.filter(({ type }) => type === wanted).map(({ body }) => body);
  const spaces = bodies(messageType.dataspace);
  const types = bodies(messageType.datatype);
  const layouts = bodies(messageType.layout);
  const [space, datatype, layout] = [spaces[0], types[0], layouts[0]];
  if (space === undefined && datatype === undefined && layout === undefined) {
    return null;
  }
  const isWhole = spaces.length === 1 && types.length === 1 && layouts.length === 1;
  if (!isWhole || space === undefined || datatype === undefined || layout === undefined) {
    throw new OutsideFormatError('a dataset with a part missing');
  }
  const shape = readDataspace(space);
  const type = readDatatype(datatype);
  if (type.kind !== 'number') {
    throw new OutsideFormatError('a dataset that does not hold numbers');
  }
  return { shape, type, storage: readLayout(metadata, layout, countOf(shape) * type.size) };
}

function readLayout(metadata: Metadata, layout: Buffer, bytes: number): number | Buffer {
  const fields = new Cursor(layout);
  const version = fields.number(1);
  const form = fields.number(1);
  if (version !== 3 && version !== 4) {
    throw new OutsideFormatError('a layout of another version');
  }
  if (form === compact) {
    const stored = fields.bytes(fields.number(2));
    checkSize(stored.length, bytes);
    return stored;
  }
  if (form !== contiguous) {
    throw new OutsideFormatError('a dataset in pieces');
  }
  const address = fields.long();
  checkSize(fields.long(), bytes);
  metadata.check(address, bytes);
  return address;
}

function checkSize(size: number, expected: number): void {
  if (size !== expected || size === 0) {
    throw new OutsideFormatError('a dataset of another size than its shape has');
  }
}

/** Numbers that are converted at once. */
const pieceNumbers = 2 ** 18;

/**
 * The numbers of a dataset as float32. What is float32 in the file is read without a copy in between.
 *
 * @param name of a type that `decodeNumbers` knows, with the bytes of the dataset's own
 */
export async function readNumbers(
  source: ByteSource,
  { shape, type, storage }: StoredArray,
  name: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const count = countOf(shape);
  const numbers = new Float32Array(count);
  const read = async (target: Uint8Array, at: number): Promise<void> => {
    if (typeof storage === 'number') {
      await source.readInto(target, storage + at, signal);
    } else {
      target.set(storage.subarray(at, at + target.length));
    }
    if (type.isBigEndian) {
      swap(target, type.size);
    }
  };
  if (name === 'float32') {
    await read(new Uint8Array(numbers.buffer), 0);
    return numbers;
  }
  for (let first = 0; first < count; first += pieceNumbers) {
    const piece = new Uint8Array(Math.min(pieceNumbers, count - first) * type.size);
    await read(piece, first * type.size);
    const decoded = decodeNumbers(piece, name);
    if (decoded === undefined) {
      throw new OutsideFormatError(`numbers of type ${name}`);
    }
    numbers.set(decoded, first);
  }
  return numbers;
}

/** Turns the bytes of each number round. */
export function swap(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (size) {
    case 2:
      buffer.swap16();
      break;
    case 4:
      buffer.swap32();
      break;
    case 8:
      buffer.swap64();
      break;
    default:
      break;
  }
}
