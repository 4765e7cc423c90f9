import { Cursor } from './cursor.js';
import { OutsideFormatError } from './outside-format.js';

/** Numbers of a type that `decodeNumbers` knows, e.g. `float16`, in one of the two orders of bytes. */
export interface NumberType {
  readonly kind: 'number';
  readonly name: string;
  readonly size: number;
  readonly isBigEndian: boolean;
}

/** Texts of `size` bytes each; null where each has a length of its own and lies in a global heap. */
export interface TextType {
  readonly kind: 'text';
  readonly size: number | null;
}

/** Booleans and other numbers with names. */
export interface EnumerationType {
  readonly kind: 'enumeration';
}

export type Datatype = NumberType | TextType | EnumerationType;

/** Classes of datatypes (HDF5 File Format, IV.A.2.d). */
const classes = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8, variable: 9 } as const;
const variableText = 1;
/** The length, the address of the heap and the index in it. */
const variableBytes = 16;

/** Bits of a number's first byte of flags. */
const bigEndian = 0x01;
const padding = 0x06;
const signed = 0x08;
const impliedOne = 0x20;
/** For a float all bits but the order of its bytes. */
const floatFlags = 0x7e;

/** @throws OutsideFormatError for a type that Keras does not write */
export function readDatatype(bytes: Buffer): Datatype {
  const fields = new Cursor(bytes);
  const first = fields.number(1);
  const version = first >> 4;
  const [flags = 0, more = 0, most = 0] = fields.bytes(3);
  const size = fields.number(4);
  if (version < 1 || version > 3 || most !== 0) {
    throw new OutsideFormatError('a datatype of another version');
  }
  switch (first & 0x0f) {
    case classes.integer:
      return readInteger(fields, flags, more, size);
    case classes.float:
      return readFloat(fields, flags, more, size);
    case classes.text:
      return { kind: 'text', size: checkTextSize(size) };
    case classes.opaque:
      return readOpaque(flags, more, size);
    case classes.enumeration:
      return { kind: 'enumeration' };
    case classes.variable:
      if ((flags & 0x0f) !== variableText || size !== variableBytes) {
        throw new OutsideFormatError('sequences of variable length');
      }
      return { kind: 'text', size: null };
    default:
      throw new OutsideFormatError('a datatype of another class');
  }
}

function checkTextSize(size: number): number {
  if (size === 0) {
    throw new OutsideFormatError('texts of no size');
  }
  return size;
}

function readInteger(fields: Cursor, flags: number, more: number, size: number): NumberType {
  const [offset, precision] = [fields.number(2), fields.number(2)];
  const isPlain = (flags & padding) === 0 && (flags & ~(bigEndian | signed)) === 0 && more === 0;
  if (!isPlain || ![1, 2, 4, 8].includes(size) || offset !== 0 || precision !== 8 * size) {
    throw new OutsideFormatError('integers of another form');
  }
  const name = `${(flags & signed) === 0 ? 'uint' : 'int'}${8 * size}`;
  return { kind: 'number', name, size, isBigEndian: (flags & bigEndian) !== 0 };
}

/** Two opaque bytes without a tag are how h5py writes the bfloat16 of Keras, which HDF5 does not know. */
function readOpaque(tagLength: number, more: number, size: number): NumberType {
  if (tagLength !== 0 || more !== 0 || size !== 2) {
    throw new OutsideFormatError('opaque data of another form');
  }
  return { kind: 'number', name: 'bfloat16', size, isBigEndian: false };
}

/** The bits of the exponent and of the fraction of an IEEE 754 number, by its bytes. */
const floatForms: ReadonlyMap<number, { readonly exponent: number; readonly fraction: number }> =
  new Map([
    [2, { exponent: 5, fraction: 10 }],
    [4, { exponent: 8, fraction: 23 }],
    [8, { exponent: 11, fraction: 52 }],
  ]);

function readFloat(fields: Cursor, flags: number, sign: number, size: number): NumberType {
  const [offset, precision] = [fields.number(2), fields.number(2)];
  const [exponentAt, exponent, fractionAt, fraction] = fields.bytes(4);
  const bias = fields.number(4);
  const form = floatForms.get(size);
  const isIeee =
    form !== undefined &&
    (flags & floatFlags) === impliedOne &&
    (flags & ~(floatFlags | bigEndian)) === 0 &&
    sign === 8 * size - 1 &&
    offset === 0 &&
    precision === 8 * size &&
    exponentAt === form.fraction &&
    exponent === form.exponent &&
    fractionAt === 0 &&
    fraction === form.fraction &&
    bias === 2 ** (form.exponent - 1) - 1;
  if (!isIeee) {
    throw new OutsideFormatError('floats of another form');
  }
  const isBigEndian = (flags & bigEndian) !== 0;
  return { kind: 'number', name: `float${8 * size}`, size, isBigEndian };
}
