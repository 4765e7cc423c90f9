import { printableName } from '../../../base/printable-text.js';
import type { OnnxValueInfo } from '../../source/onnx-source.js';

/** A shape for people, such as `[1, time, 3]`. */
export function sizesText(shape: OnnxValueInfo['shape']): string {
  const sizes = (shape ?? []).map((size) => (size === null ? '?' : printableName(String(size))));
  return shape === null ? '(not said)' : `[${sizes.join(', ')}]`;
}
