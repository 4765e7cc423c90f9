import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../../source/onnx-source.js';

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

/** Whole numbers that such nodes take; the name says them, so that the same ones are one tensor of the graph. */
export function wholeTensor(numbers: readonly number[], shape: readonly number[]): OnnxTensor {
  const name = `whole ${shape.join(' ')}: ${numbers.join(' ')}`;
  return { name, shape, type: 'int64', data: Float64Array.from(numbers) };
}
