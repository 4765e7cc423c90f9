import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../source/onnx-source.js';

/** The node that gives each value. */
export function giversOf(nodes: readonly OnnxNode[]): Map<string, OnnxNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/** The tensor that the file has for a value: an initialiser, or that of a Constant. */
export function fileTensor(
  name: string,
  { initializers }: Pick<OnnxGraph, 'initializers'>,
  givers: ReadonlyMap<string, OnnxNode>,
): OnnxTensor | undefined {
  const giver = givers.get(name);
  const value =
    giver?.operator === 'Constant' && giver.domain === ''
      ? giver.attributes.get('value')
      : undefined;
  return initializers.get(name) ?? (value?.kind === 'tensor' ? value.value : undefined);
}
