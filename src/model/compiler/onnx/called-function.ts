import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { OnnxAttribute, OnnxFunction, OnnxNode } from '../../source/onnx-source.js';
import { graphsIn } from './live-nodes.js';

/** Tells the function that a node calls from others. */
export function callKey({ domain, operator, overload = '' }: OnnxNode): string {
  return `${domain}:${operator}:${overload}`;
}

/**
 * The functions of a file by the keys of their calls.
 *
 * @throws LstmdError `model.malformed` for two functions of one name
 */
export function functionsByName(functions: readonly OnnxFunction[]): Map<string, OnnxFunction> {
  const found = new Map<string, OnnxFunction>();
  for (const one of functions) {
    const key = `${one.domain}:${one.name}:${one.overload}`;
    if (found.has(key)) {
      throw new LstmdError(
        'model.malformed',
        `it has two functions "${printableName(one.name)}" of one domain`,
      );
    }
    found.set(key, one);
  }
  return found;
}

/** Nodes that are built, those of functions each time that they are called, those of loops at each turn. */
const maxNodes = 100_000;

/** @throws LstmdError `model.refused` for a graph of more nodes than are built, those of its functions and of graphs in it with them */
export function checkNodeCount(
  nodes: readonly OnnxNode[],
  functions: ReadonlyMap<string, OnnxFunction>,
): void {
  const known = new Map<string, number>();
  const ofCall = (key: string, called: OnnxFunction): number => {
    // A function within itself is found where it is called.
    const count = known.get(key) ?? (known.set(key, 0), countOf(called.nodes));
    known.set(key, count);
    return count;
  };
  const countOf = (own: readonly OnnxNode[]): number =>
    own.reduce((sum, node) => {
      const key = callKey(node);
      const called = functions.get(key);
      const inner = called === undefined ? 0 : ofCall(key, called);
      // A call counts as a node too: a function of none takes its time.
      return sum + 1 + inner + countOf(graphsIn(node).flatMap((graph) => graph.nodes));
    }, 0);
  const count = countOf(nodes);
  if (count > maxNodes) {
    throw new LstmdError(
      'model.refused',
      `its graph has ${count} nodes, with those of the functions that it calls, which are more than ${maxNodes}`,
    );
  }
}

/** @throws LstmdError `model.refused` for more nodes than are built: loops within loops multiply theirs */
export function checkBuiltNodes(count: number): void {
  if (count > maxNodes) {
    throw new LstmdError(
      'model.refused',
      `its graph has more than ${maxNodes} nodes, with those of each turn of its loops: export one step of the module with its states as inputs and outputs, or a shorter window`,
    );
  }
}

/** @throws LstmdError `model.malformed` for a call with more inputs or outputs than its function has */
export function checkCall(
  { name, operator, inputs, outputs }: OnnxNode,
  called: OnnxFunction,
): void {
  if (inputs.length > called.inputs.length || outputs.length > called.outputs.length) {
    const own = name === '' ? (outputs[0] ?? '') : name;
    throw new LstmdError(
      'model.malformed',
      `node "${printableName(own)}" (${printableName(operator)}): it has ${inputs.length} inputs and ${outputs.length} outputs, and its function has ${called.inputs.length} and ${called.outputs.length}`,
    );
  }
}

/** Attributes with those of the function's call in the place of references to them, in the graphs of a node as well. */
export function resolved(
  attributes: OnnxNode['attributes'],
  call: OnnxNode['attributes'],
): OnnxNode['attributes'] {
  const known = new Map<string, OnnxAttribute>();
  for (const [key, attribute] of attributes) {
    const value = attribute.kind === 'reference' ? call.get(attribute.value) : attribute;
    if (value?.kind === 'graph' && call.size > 0) {
      const nodes = value.value.nodes.map((node) => ({
        ...node,
        attributes: resolved(node.attributes, call),
      }));
      known.set(key, { ...value, value: { ...value.value, nodes } });
    } else if (value !== undefined) {
      known.set(key, value);
    }
  }
  return known;
}
