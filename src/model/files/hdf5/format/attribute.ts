import { Cursor } from './cursor.js';
import { countOf, readDataspace } from './dataspace.js';
import { readDatatype } from './datatype.js';
import type { GlobalHeap } from './global-heap.js';
import { zeroEnded } from './name.js';
import { OutsideFormatError } from './outside-format.js';

export interface Attribute {
  readonly name: string;
  /** Null where it does not hold texts. */
  readonly texts: readonly string[] | null;
}

/** Bytes that the texts of one attribute may have; configurations have a few hundred kilobytes. */
const maxTextBytes = 8 * 2 ** 20;
/** The length of a text, the address of its collection, and its index. */
const referenceBytes = 16;

/**
 * Reads an attribute message of version 1, 2 or 3 (IV.A.2.m).
 *
 * @throws OutsideFormatError for an attribute that Keras does not write
 */
export function readAttribute(body: Buffer, heap: GlobalHeap): Attribute {
  const fields = new Cursor(body);
  const version = fields.number(1);
  // In version 1 reserved; later, parts that lie elsewhere.
  if (version < 1 || version > 3 || fields.number(1) !== 0) {
    throw new OutsideFormatError('an attribute of another form');
  }
  const [nameSize, typeSize, spaceSize] = [fields.number(2), fields.number(2), fields.number(2)];
  if (version === 3) {
    fields.skip(1);
  }
  const part = (size: number): Buffer => {
    const bytes = fields.bytes(size);
    if (version === 1) {
      fields.align(8);
    }
    return bytes;
  };
  const name = zeroEnded(part(nameSize));
  const type = readDatatype(part(typeSize));
  const space = part(spaceSize);
  if (type.kind !== 'text') {
    return { name, texts: null };
  }
  const count = countOf(readDataspace(space));
  // Empty texts and lists have more than one form.
  if (count === 0 || count > fields.left) {
    throw new OutsideFormatError('an attribute without texts');
  }
  const { size } = type;
  const texts = Array.from({ length: count }, () =>
    size === null ? variableText(fields, heap) : cutAtZero(fields.bytes(size)),
  );
  return { name, texts };
}

function variableText(fields: Cursor, heap: GlobalHeap): string {
  const reference = new Cursor(fields.bytes(referenceBytes));
  const length = reference.number(4);
  const object = heap.object(reference.long(), reference.number(4));
  if (length !== object.length || length === 0 || length > maxTextBytes) {
    throw new OutsideFormatError('a text of another length');
  }
  return cutAtZero(object);
}

/** A text up to its first zero; the bytes are UTF-8 whatever the type says, as h5py writes them. */
function cutAtZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

const tracksOrder = 0x01;

/**
 * Checks by an attribute info message that all attributes of an object are messages of it.
 *
 * @throws OutsideFormatError for those in a heap, which more than eight are
 */
export function checkNoAttributeHeap(body: Buffer): void {
  const fields = new Cursor(body);
  fields.expect(0);
  fields.skip((fields.number(1) & tracksOrder) === 0 ? 0 : 2);
  if (fields.optionalLong() !== null) {
    throw new OutsideFormatError('an object with a heap of attributes');
  }
}
