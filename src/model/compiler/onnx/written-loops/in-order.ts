import type { OnnxNode } from '../../../source/onnx-source.js';
import { giversOf } from '../givers.js';
import { outerNames } from '../live-nodes.js';

/** The nodes in an order in which each stands behind those that give what it takes, otherwise as they were. */
export function inOrder(nodes: readonly OnnxNode[]): OnnxNode[] {
  const givers = giversOf(nodes);
  const placed = new Set<OnnxNode>();
  const result: OnnxNode[] = [];
  for (const last of nodes) {
    const open = [last];
    for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
      if (placed.has(node)) {
        open.pop();
        continue;
      }
      const first = [...node.inputs, ...outerNames(node)]
        .map((name) => givers.get(name))
        .find((giver) => giver !== undefined && giver !== node && !placed.has(giver));
      // A node that is open already hangs on itself: the walk refuses it.
      if (first === undefined || open.includes(first)) {
        placed.add(node);
        result.push(node);
        open.pop();
      } else {
        open.push(first);
      }
    }
  }
  return result;
}
