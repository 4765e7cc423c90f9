import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { OnnxGraph, OnnxNode } from '../../source/onnx-source.js';

/**
 * Looks whether every name of a graph is given once, and before it is read: a graph whose nodes cannot be put in order has a cycle.
 *
 * @param live the nodes that the outputs hang on
 * @throws LstmdError `model.malformed` naming the node and the name that is at fault
 */
export function checkGraph(
  { nodes, inputs, outputs, initializers }: OnnxGraph,
  live: readonly OnnxNode[],
): void {
  const given = new Set(initializers.keys());
  requireOnce(inputs);
  for (const { name } of inputs) {
    given.add(name);
  }
  const all = new Set([...given, ...nodes.flatMap((node) => node.outputs)]);
  for (const node of live) {
    for (const input of node.inputs) {
      if (input !== '' && !given.has(input)) {
        const why = all.has(input)
          ? 'which is given behind it: the graph has a cycle, or gives a name twice'
          : 'which no node gives';
        throw malformed(`${labelOf(node)}: it takes "${printableName(input)}", ${why}`);
      }
    }
    for (const output of node.outputs) {
      given.add(output);
    }
  }
  const lost = outputs.find(({ name }) => !given.has(name));
  if (lost !== undefined) {
    throw malformed(`output "${printableName(lost.name)}": no node gives it`);
  }
  if (outputs.length === 0) {
    throw malformed('the graph has no output');
  }
}

function requireOnce(inputs: OnnxGraph['inputs']): void {
  const seen = new Set<string>();
  for (const { name } of inputs) {
    if (seen.has(name)) {
      throw malformed(`its inputs name "${printableName(name)}" twice`);
    }
    seen.add(name);
  }
}

function labelOf({ name, operator, outputs }: OnnxNode): string {
  const own = name === '' ? (outputs.find((output) => output !== '') ?? '') : name;
  return `node "${printableName(own)}" (${printableName(operator)})`;
}

function malformed(message: string): LstmdError {
  return new LstmdError('model.malformed', message);
}
