import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { OnnxTensor } from '../../source/onnx-source.js';
import {
  bytesOfElements,
  decodeElements,
  elementBytes,
  elementType,
  fromBits,
  halfBytes,
  isFloatType,
  isHalfByte,
  type Elements,
} from './element-types.js';
import type { ExternalTensors } from './external-data.js';
import type { Message } from './message.js';

/** Elements that a tensor may have: far more than a model of a sensor stream needs. */
const maxElements = 2 ** 26;

/** Axes that a tensor may have. */
const maxAxes = 64;

/**
 * Reads a `TensorProto`.
 *
 * @param external takes the tensor where its elements lie in another file
 * @throws LstmdError `model.malformed` where its shape and its elements contradict each other
 */
export function readTensor(message: Message, external: ExternalTensors | null): OnnxTensor {
  const shape: number[] = [];
  let name = '';
  let type = '';
  const found: { raw: Uint8Array | null; isExternal: boolean } = { raw: null, isExternal: false };
  const floats: number[] = [];
  const doubles: number[] = [];
  const whole: number[] = [];
  const place = new Map<string, string>();
  message.fields((field) => {
    switch (field) {
      case 1:
        message.int64s(shape);
        return true;
      case 2:
        type = elementType(message.int64());
        return true;
      case 4:
        message.floats(floats);
        return true;
      case 5:
      case 7:
        message.int64s(whole);
        return true;
      case 11:
        message.uint64s(whole);
        return true;
      case 8:
        name = message.string();
        return true;
      case 9:
        found.raw = message.bytes();
        return true;
      case 10:
        message.doubles(doubles);
        return true;
      case 13:
        readEntry(message.message('an entry of external_data'), place);
        return true;
      case 14:
        found.isExternal = message.int64() === 1;
        return true;
      default:
        return false;
    }
  });
  const label = `tensor "${printableName(name)}"`;
  const count = elementCount(label, shape);
  const lists = [floats, doubles, whole].filter((list) => list.length > 0).length;
  if (lists + (found.raw === null || found.raw.length === 0 ? 0 : 1) > 1) {
    throw malformed(`${label} has its elements twice, in two fields`);
  }
  if (found.isExternal) {
    const size = elementBytes(type);
    if (external === null || size === undefined) {
      throw malformed(`${label} of ${type} cannot lie in another file`);
    }
    const data = isFloatType(type) ? new Float32Array(count) : new Float64Array(count);
    external.add({ label, place, type, byteLength: count * size, data });
    return { name, shape, type, data };
  }
  const data = isHalfByte(type)
    ? halfByteElements(label, type, found.raw ?? whole, count)
    : elements(label, type, found.raw, { floats, doubles, whole });
  if (data !== null && data.length !== count) {
    throw malformed(
      `${label} has shape [${shape.join(', ')}], which is ${count} elements, and holds ${data.length}`,
    );
  }
  return { name, shape, type, data };
}

/** @throws LstmdError `model.malformed` for a shape that no tensor has */
function elementCount(label: string, shape: readonly number[]): number {
  if (shape.length > maxAxes) {
    throw malformed(`${label} has ${shape.length} axes, more than ${maxAxes}`);
  }
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(size) || size < 0 || count > maxElements) {
      throw malformed(
        `${label} has shape [${shape.join(', ')}]: no axis may be below 0, and all together no more than ${maxElements} elements`,
      );
    }
  }
  return count;
}

/** @throws LstmdError `model.malformed` for another number of bytes than the elements take */
function halfByteElements(
  label: string,
  type: string,
  bytes: ArrayLike<number>,
  count: number,
): Elements {
  if (bytes.length !== bytesOfElements(type, count)) {
    throw malformed(`${label} has ${bytes.length} bytes, which are not ${count} of ${type}`);
  }
  return halfBytes(bytes, type, count);
}

function elements(
  label: string,
  type: string,
  raw: Uint8Array | null,
  lists: {
    readonly floats: readonly number[];
    readonly doubles: readonly number[];
    readonly whole: readonly number[];
  },
): Elements | null {
  const size = elementBytes(type);
  if (size === undefined) {
    return null;
  }
  if (raw !== null) {
    if (raw.length % size !== 0) {
      throw malformed(
        `${label} has ${raw.length} bytes of ${type}, which do not end at an element`,
      );
    }
    return decodeElements(raw, type) ?? null;
  }
  switch (type) {
    case 'float32':
      return Float32Array.from(lists.floats);
    case 'float64':
      return Float32Array.from(lists.doubles);
    case 'float16':
    case 'bfloat16':
      return fromBits(lists.whole, type) ?? null;
    default:
      return Float64Array.from(lists.whole);
  }
}

/** A `StringStringEntryProto`. */
export function readEntry(message: Message, entries: Map<string, string>): void {
  let key = '';
  let value = '';
  message.fields((field) => {
    if (field === 1) {
      key = message.string();
    } else if (field === 2) {
      value = message.string();
    } else {
      return false;
    }
    return true;
  });
  entries.set(key, value);
}

function malformed(reason: string): LstmdError {
  return new LstmdError('model.malformed', reason);
}
