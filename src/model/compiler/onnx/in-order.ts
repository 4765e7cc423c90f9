import type { OnnxAttribute, OnnxGraph, OnnxNode } from '../../source/onnx-source.js';
import { giversOf } from './givers.js';
import { outerNames } from './live-nodes.js';

/**
 * The graph with its nodes in order, and so each graph within it: converters put what they add at the end of the
 * list, and onnxruntime orders by what a node takes. Nodes of a cycle, or of a name that is given twice, stay as they are.
 */
export function graphInOrder(graph: OnnxGraph): OnnxGraph {
  const inner = graph.nodes.map((node) => withInnerInOrder(node));
  const nodes = isInOrder(inner) || givesTwice(inner) ? inner : inOrder(inner);
  return nodes.every((node, i) => node === graph.nodes[i]) ? graph : { ...graph, nodes };
}

/** The nodes in an order in which each stands behind those that give what it takes, otherwise as they were. */
export function inOrder(nodes: readonly OnnxNode[]): OnnxNode[] {
  const givers = giversOf(nodes);
  const placed = new Set<OnnxNode>();
  const result: OnnxNode[] = [];
  for (const last of nodes) {
    const open = new Set([last]);
    const path = [last];
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      // A node that is open already hangs on itself: the check of the graph refuses it.
      const first = placed.has(node)
        ? undefined
        : takenBy(node)
            .map((name) => givers.get(name))
            .find((giver) => giver !== undefined && !open.has(giver) && !placed.has(giver));
      if (first !== undefined) {
        open.add(first);
        path.push(first);
        continue;
      }
      if (!placed.has(node)) {
        placed.add(node);
        result.push(node);
      }
      open.delete(node);
      path.pop();
    }
  }
  return result;
}

/** Names that a node takes, and the graphs in it from around them. */
function takenBy(node: OnnxNode): string[] {
  return [...node.inputs, ...outerNames(node)].filter((name) => name !== '');
}

function isInOrder(nodes: readonly OnnxNode[]): boolean {
  const behind = new Set(nodes.flatMap(({ outputs }) => outputs));
  return nodes.every((node) => {
    const isReady = takenBy(node).every((name) => !behind.has(name));
    for (const output of node.outputs) {
      behind.delete(output);
    }
    return isReady;
  });
}

function givesTwice(nodes: readonly OnnxNode[]): boolean {
  const names = nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  return new Set(names).size < names.length;
}

function withInnerInOrder(node: OnnxNode): OnnxNode {
  const attributes = new Map<string, OnnxAttribute>();
  let isOther = false;
  for (const [name, attribute] of node.attributes) {
    const ordered =
      attribute.kind === 'graph'
        ? { ...attribute, value: graphInOrder(attribute.value) }
        : attribute;
    isOther ||= ordered.value !== attribute.value;
    attributes.set(name, ordered);
  }
  return isOther ? { ...node, attributes } : node;
}
