import type { OnnxAttribute, OnnxNode } from '../../source/onnx-source.js';

/** A node of the standard's own domain, which a graph is rewritten with; it is a layer for people once it has a name. */
export function standardNode(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode {
  return {
    name: '',
    operator,
    domain: '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
    isAdded: true,
  };
}
