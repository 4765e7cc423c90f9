import { decodeNumbers, sizeOfNumber } from '../number-formats.js';

/** Names of `TensorProto.DataType` (onnx.proto), whether or not their elements are read. */
const typeNames: ReadonlyMap<number, string> = new Map([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [8, 'string'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
  [16, 'bfloat16'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
]);

const floatTypes: ReadonlySet<string> = new Set(['float16', 'bfloat16', 'float32', 'float64']);

/** Elements of a tensor: floats as float32, whole numbers and booleans as float64. */
export type Elements = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** The name of an element type; `type 17` for one that is not read. */
export function elementType(code: number): string {
  return typeNames.get(code) ?? `type ${code}`;
}

export function isFloatType(type: string): boolean {
  return floatTypes.has(type);
}

/** Bytes of one element; undefined for a type whose elements are not read. */
export function elementBytes(type: string): number | undefined {
  return type === 'bool' ? 1 : sizeOfNumber(type);
}

/** Bytes of so many elements; undefined for a type whose elements are not read. */
export function bytesOfElements(type: string, count: number): number | undefined {
  if (isHalfByte(type)) {
    return Math.ceil(count / 2);
  }
  const size = elementBytes(type);
  return size === undefined ? undefined : count * size;
}

/** Returns whether two elements share a byte. */
export function isHalfByte(type: string): boolean {
  return type === 'int4' || type === 'uint4';
}

/** Elements of half a byte, the first in the lower half; `count` of them, since the last half may be empty. */
export function halfBytes(bytes: ArrayLike<number>, type: string, count: number): Elements {
  return Float64Array.from({ length: count }, (_, i) => {
    const half = ((bytes[i >> 1] ?? 0) >> (4 * (i & 1))) & 15;
    return type === 'int4' && half > 7 ? half - 16 : half;
  });
}

/** Decodes little-endian elements; undefined for a type that is not read. */
export function decodeElements(bytes: Uint8Array, type: string): Elements | undefined {
  const size = elementBytes(type);
  if (size === undefined) {
    return undefined;
  }
  if (isFloatType(type)) {
    const numbers = decodeNumbers(bytes, type);
    return numbers === undefined ? undefined : new Float32Array(numbers);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(bytes.byteLength / size);
  const read = wholeReaders.get(type);
  if (read === undefined) {
    return undefined;
  }
  for (let i = 0; i < numbers.length; i += 1) {
    numbers[i] = read(view, i * size);
  }
  return numbers;
}

const wholeReaders: ReadonlyMap<string, (view: DataView, at: number) => number> = new Map<
  string,
  (view: DataView, at: number) => number
>([
  ['bool', (view, at) => (view.getUint8(at) === 0 ? 0 : 1)],
  ['uint8', (view, at) => view.getUint8(at)],
  ['int8', (view, at) => view.getInt8(at)],
  ['uint16', (view, at) => view.getUint16(at, true)],
  ['int16', (view, at) => view.getInt16(at, true)],
  ['uint32', (view, at) => view.getUint32(at, true)],
  ['int32', (view, at) => view.getInt32(at, true)],
  ['uint64', (view, at) => Number(view.getBigUint64(at, true))],
  ['int64', (view, at) => Number(view.getBigInt64(at, true))],
]);

/** A float16 or bfloat16 whose bits stand in a list of whole numbers. */
export function fromBits(bits: readonly number[], type: string): Elements | undefined {
  const words = Uint16Array.from(bits);
  return decodeElements(new Uint8Array(words.buffer), type);
}
