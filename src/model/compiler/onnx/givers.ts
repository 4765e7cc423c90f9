import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../source/onnx-source.js';

/** The node that gives each value. */
export function giversOf(nodes: readonly OnnxNode[]): Map<string, OnnxNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/**
 * Goes back from a value to the first input of the node that gives it, while that node passes it on: gives each name, the
 * value's own first. Nodes that go round in a circle, as in a damaged file, are gone over once.
 */
export function* namesBehind(
  value: string,
  givers: ReadonlyMap<string, OnnxNode>,
  passesOn: (giver: OnnxNode) => boolean,
): Generator<string, void> {
  const seen = new Set<string>();
  for (let name = value; !seen.has(name);) {
    seen.add(name);
    yield name;
    const giver = givers.get(name);
    if (giver !== undefined && passesOn(giver)) {
      name = giver.inputs[0] ?? name;
    }
  }
}

/** The value that a value is, behind the nodes that pass it on: the last of `namesBehind`. */
export function sourceOf(
  value: string,
  givers: ReadonlyMap<string, OnnxNode>,
  passesOn: (giver: OnnxNode) => boolean,
): string {
  return [...namesBehind(value, givers, passesOn)].at(-1) ?? value;
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
