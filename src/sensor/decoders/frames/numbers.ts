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
const word = new Int32Array(1);
const float = new Float32Array(word.buffer);

/**
 * Writes the number of a type at `bytes[at]` to `values[index]`. As `readNumber`, but the result, which is an integer once
 * and a float64 then, does not become an object on the heap.
 */
export function writeNumber(
  values: Float32Array,
  index: number,
  bytes: Uint8Array,
  at: number,
  type: NumberType,
  isLittleEndian: boolean,
): void {
  if (type === 'f32') {
    word[0] = bits32(bytes, at, isLittleEndian);
    values[index] = float[0] ?? Number.NaN;
  } else if (type === 'i16') {
    values[index] = (read16(bytes, at, isLittleEndian) << 16) >> 16;
  } else {
    values[index] = readNumber(bytes, at, type, isLittleEndian);
  }
}

/**
 * Writes float32 numbers to `values` from `offset` on.
 *
 * @param places where each stands, counted from `bytes[at]`
 * @returns whether all of them are finite
 */
export function writeFloats(
  values: Float32Array,
  offset: number,
  bytes: Uint8Array,
  at: number,
  places: Int32Array,
  isLittleEndian: boolean,
): boolean {
  let areFinite = true;
  for (let n = 0; n < places.length; n += 1) {
    const first = at + (places[n] ?? 0);
    const b0 = bytes[first] ?? 0;
    const b1 = bytes[first + 1] ?? 0;
    const b2 = bytes[first + 2] ?? 0;
    const b3 = bytes[first + 3] ?? 0;
    const bits = isLittleEndian
      ? b0 | (b1 << 8) | (b2 << 16) | (b3 << 24)
      : b3 | (b2 << 8) | (b1 << 16) | (b0 << 24);
    word[0] = bits;
    values[offset + n] = float[0] ?? Number.NaN;
    // Infinities and what is no number have all bits of the exponent.
    areFinite &&= (bits & 0x7f80_0000) !== 0x7f80_0000;
  }
  return areFinite;
}

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
      return (read16(bytes, at, isLittleEndian) << 16) >> 16;
    case 'u16':
      return read16(bytes, at, isLittleEndian);
    case 'i24':
      return (unsigned(bytes, at, 3, isLittleEndian) << 8) >> 8;
    case 'u24':
      return unsigned(bytes, at, 3, isLittleEndian);
    case 'i32':
      return bits32(bytes, at, isLittleEndian);
    case 'u32':
      return read32(bytes, at, isLittleEndian);
    case 'f32':
      word[0] = bits32(bytes, at, isLittleEndian);
      return float[0] ?? Number.NaN;
    case 'f64':
      scratch.setUint32(isLittleEndian ? 4 : 0, read32(bytes, at, isLittleEndian));
      scratch.setUint32(isLittleEndian ? 0 : 4, read32(bytes, at + 4, isLittleEndian));
      return scratch.getFloat64(0);
  }
}

function read16(bytes: Uint8Array, at: number, isLittleEndian: boolean): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  return isLittleEndian ? first | (second << 8) : (first << 8) | second;
}

/** An unsigned number of 32 bits. */
function read32(bytes: Uint8Array, at: number, isLittleEndian: boolean): number {
  return bits32(bytes, at, isLittleEndian) >>> 0;
}

/** The 32 bits at `bytes[at]`, as a signed number. */
function bits32(bytes: Uint8Array, at: number, isLittleEndian: boolean): number {
  const low = read16(bytes, isLittleEndian ? at : at + 2, isLittleEndian);
  const high = read16(bytes, isLittleEndian ? at + 2 : at, isLittleEndian);
  return (high << 16) | low;
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
