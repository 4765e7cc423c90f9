import type { OnnxNode } from '../../source/onnx-source.js';

/** A number among the attributes of a node that no operator reads yet. */
export function numberOf(
  { attributes }: Pick<OnnxNode, 'attributes'>,
  key: string,
): number | undefined {
  const attribute = attributes.get(key);
  return attribute?.kind === 'int' || attribute?.kind === 'float' ? attribute.value : undefined;
}
