import type { OnnxValueInfo } from '../../source/onnx-source.js';
import { elementType } from './element-types.js';
import type { Message } from './message.js';

/** Reads a `ValueInfoProto`. */
export function readValueInfo(message: Message): OnnxValueInfo {
  let name = '';
  let type = 'other';
  const found: { shape: OnnxValueInfo['shape'] } = { shape: null };
  message.fields((field) => {
    if (field === 1) {
      name = message.string();
      return true;
    }
    if (field !== 2) {
      return false;
    }
    const typeMessage = message.message('a type');
    typeMessage.fields((kind) => {
      if (kind !== 1) {
        return false;
      }
      const tensor = typeMessage.message('a tensor type');
      tensor.fields((part) => {
        if (part === 1) {
          type = elementType(tensor.int64());
          return true;
        }
        if (part === 2) {
          found.shape = readShape(tensor.message('a shape'));
          return true;
        }
        return false;
      });
      return true;
    });
    return true;
  });
  return { name, type, shape: found.shape };
}

function readShape(message: Message): (number | string | null)[] {
  const shape: (number | string | null)[] = [];
  message.fields((field) => {
    if (field !== 1) {
      return false;
    }
    const axis: { size: number | string | null } = { size: null };
    const dimension = message.message('an axis');
    dimension.fields((part) => {
      if (part === 1) {
        axis.size = dimension.int64();
        return true;
      }
      if (part === 2) {
        axis.size = dimension.string();
        return true;
      }
      return false;
    });
    shape.push(axis.size);
    return true;
  });
  return shape;
}
