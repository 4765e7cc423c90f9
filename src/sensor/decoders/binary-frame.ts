import { checksumKinds, type ChecksumName } from './frames/checksum-kinds.js';
import { bytesOf, numberTypes, type NumberType } from './frames/numbers.js';

/** A frame as the configuration describes it. */
export interface BinaryOptions {
  readonly axes: readonly string[];
  readonly sync: string;
  readonly frame: readonly string[];
  readonly endian: 'little' | 'big';
  readonly checksum: ChecksumName;
  readonly checksumFrom: 'sync' | 'fields';
  readonly checksumEndian?: 'little' | 'big' | undefined;
}

/** A field as it is written: bytes to pass over have no name, and what is no field has no type. */
interface WrittenField {
  readonly name: string;
  readonly type: NumberType | 'skip' | undefined;
  readonly bytes: number;
}

/** The fields that `frame` describes, each `type name` or `skip bytes`; names are in lower case. */
export function fieldsOf(frame: readonly string[]): WrittenField[] {
  return frame.map((text) => {
    const [word = '', name = '', more] = text.trim().split(/\s+/);
    if (word === 'skip' && more === undefined && /^[1-9]\d{0,2}$/.test(name)) {
      return { name: '', type: 'skip', bytes: Number(name) };
    }
    const type = numberTypes.find((each) => each === word);
    return type === undefined || name === '' || more !== undefined
      ? { name: '', type: undefined, bytes: 0 }
      : { name: name.toLowerCase(), type, bytes: bytesOf(type) };
  });
}

/** A field in its place in a frame. */
export interface PlacedField {
  readonly at: number;
  readonly type: NumberType;
}

/** Returns where a frame has its fields, from its first byte on, and its whole length. */
export function frameFields(options: BinaryOptions): {
  readonly length: number;
  readonly places: ReadonlyMap<string, PlacedField>;
} {
  const places = new Map<string, PlacedField>();
  let at = syncBytes(options.sync).length;
  for (const { name, type, bytes } of fieldsOf(options.frame)) {
    if (type !== 'skip' && type !== undefined) {
      places.set(name, { at, type });
    }
    at += bytes;
  }
  return { length: at + checksumKinds[options.checksum].bytes, places };
}

/** The bytes of a text in hex. */
export function syncBytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
