/**
 * Converts little-endian numbers of any type that a model file may hold to float32.
 *
 * @param type e.g. `float16`, `bfloat16`, `int8`
 * @returns undefined for a type that is not known
 */
export function decodeNumbers(bytes: Uint8Array, type: string): Float32Array | undefined {
  const reader = readers.get(type);
  if (reader === undefined) {
    return undefined;
  }
  // Float32 needs no conversion, only a copy: it may begin at a byte that is not a multiple of 4.
  if (type === 'float32') {
    return new Float32Array(Uint8Array.from(bytes).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float32Array(bytes.byteLength / reader.size);
  for (let i = 0; i < numbers.length; i += 1) {
    numbers[i] = reader.read(view, i * reader.size);
  }
  return numbers;
}

/** Bytes of one number; undefined for a type that is not known. */
export function sizeOfNumber(type: string): number | undefined {
  return readers.get(type)?.size;
}

interface Reader {
  readonly size: number;
  readonly read: (view: DataView, at: number) => number;
}

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['float16', { size: 2, read: (view, at) => float16(view.getUint16(at, true)) }],
  ['bfloat16', { size: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) }],
  ['float32', { size: 4, read: (view, at) => view.getFloat32(at, true) }],
  ['float64', { size: 8, read: (view, at) => view.getFloat64(at, true) }],
  ['int8', { size: 1, read: (view, at) => view.getInt8(at) }],
  ['uint8', { size: 1, read: (view, at) => view.getUint8(at) }],
  ['int16', { size: 2, read: (view, at) => view.getInt16(at, true) }],
  ['uint16', { size: 2, read: (view, at) => view.getUint16(at, true) }],
  ['int32', { size: 4, read: (view, at) => view.getInt32(at, true) }],
  ['uint32', { size: 4, read: (view, at) => view.getUint32(at, true) }],
  ['int64', { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) }],
  ['uint64', { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) }],
]);

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : Number.NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const float32Word = new DataView(new ArrayBuffer(4));

/** A bfloat16 is the upper half of a float32. */
function bfloat16(bits: number): number {
  float32Word.setUint32(0, bits * 0x10000);
  return float32Word.getFloat32(0);
}
