import type { OnnxNode } from '../../source/onnx-source.js';

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

/** Names that the graphs in a node's attributes take from around it. */
export function outerNames(node: OnnxNode): string[] {
  const names: string[] = [];
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'graph') {
      const { inputs, outputs, initializers, nodes } = attribute.value;
      const own = new Set(initializers.keys());
      for (const name of inputs
        .map((one) => one.name)
        .concat(nodes.flatMap((one) => one.outputs))) {
        own.add(name);
      }
      const taken = nodes.flatMap((inner) => inner.inputs.concat(outerNames(inner)));
      const all = outputs.map(({ name }) => name).concat(taken);
      names.push(...all.filter((name) => !own.has(name)));
    }
  }
  return names;
}
