/** The numbers of a frame, by their usual short names. */
export const numberTypes = [
  'i8',
  'u8',
  'i16',
  'u16',
  'i24',
  'u24',
  'i32',
  'u32',
  'f32',
  'f64',
] as const;
export type NumberType = (typeof numberTypes)[number];

/** Bytes of a number of a type. */
export function bytesOf(type: NumberType): number {
  return Number(type.slice(1)) / 8;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Reads the number of a type at `bytes[at]`. */
export function readNumber(
  bytes: Uint8Array,
  at: number,
  type: NumberType,
  isLittleEndian: boolean,
): number {
  switch (type) {
    case 'i8':
      return ((bytes[at] ?? 0) << 24) >> 24;
    case 'u8':
      return bytes[at] ?? 0;
    case 'i16':
      return (unsigned(bytes, at, 2, isLittleEndian) << 16) >> 16;
    case 'u16':
      return unsigned(bytes, at, 2, isLittleEndian);
    case 'i24':
      return (unsigned(bytes, at, 3, isLittleEndian) << 8) >> 8;
    case 'u24':
      return unsigned(bytes, at, 3, isLittleEndian);
    case 'i32':
      return unsigned(bytes, at, 4, isLittleEndian) | 0;
    case 'u32':
      return unsigned(bytes, at, 4, isLittleEndian);
    case 'f32':
      scratch.setUint32(0, unsigned(bytes, at, 4, isLittleEndian));
      return scratch.getFloat32(0);
    case 'f64':
      scratch.setUint32(isLittleEndian ? 4 : 0, unsigned(bytes, at, 4, isLittleEndian));
      scratch.setUint32(isLittleEndian ? 0 : 4, unsigned(bytes, at + 4, 4, isLittleEndian));
      return scratch.getFloat64(0);
  }
}

/** Reads an unsigned number of 1 to 6 bytes at `bytes[at]`. */
export function unsigned(
  bytes: Uint8Array,
  at: number,
  size: number,
  isLittleEndian: boolean,
): number {
  let value = 0;
  for (let n = 0; n < size; n += 1) {
    value = value * 256 + (bytes[isLittleEndian ? at + size - 1 - n : at + n] ?? 0);
  }
  return value;
}
