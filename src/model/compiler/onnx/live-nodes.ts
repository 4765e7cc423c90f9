import type { OnnxGraph, OnnxNode } from '../../source/onnx-source.js';

/** The nodes that the wanted values hang on, in the order of the file. */
export function liveNodes(nodes: readonly OnnxNode[], wanted: readonly string[]): OnnxNode[] {
  const names = new Set(wanted);
  const live: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((output) => output !== '' && names.has(output))) {
      live.push(node);
      for (const input of [...node.inputs, ...outerNames(node)]) {
        names.add(input);
      }
    }
  }
  return live.toReversed();
}

/** The graphs in a node's attributes: branches, and the bodies of loops. */
export function graphsIn({ attributes }: OnnxNode): OnnxGraph[] {
  return [...attributes.values()].flatMap((one) => (one.kind === 'graph' ? [one.value] : []));
}

/** Names that the graphs in a node's attributes take from around it. */
export function outerNames(node: OnnxNode): string[] {
  return graphsIn(node).flatMap(({ inputs, outputs, initializers, nodes }) => {
    const given = nodes.flatMap((inner) => inner.outputs);
    const own = new Set([...initializers.keys(), ...inputs.map(({ name }) => name), ...given]);
    const taken = nodes.flatMap((inner) => inner.inputs.concat(outerNames(inner)));
    const all = outputs.map(({ name }) => name).concat(taken);
    return all.filter((name) => !own.has(name));
  });
}
