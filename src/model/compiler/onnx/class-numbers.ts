import type { OnnxGraph, OnnxNode } from '../../source/onnx-source.js';
import { giversOf, sourceOf } from './givers.js';

/** A graph that gives the scores of classes where its file gives the number of the best. */
export interface ScoredGraph {
  readonly graph: OnnxGraph;
  /** The nodes at its end that are given as scores. */
  readonly classNodes: ClassNodes;
}

/** By node, true where its input is scores already: probabilities, or an output of the graph themselves. */
export type ClassNodes = ReadonlyMap<OnnxNode, boolean>;

/** Operators that change nothing of a number but its type and its axes. */
const tailOperators: ReadonlySet<string> = new Set([
  'Cast',
  'Identity',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Flatten',
]);

const scoreOperators: ReadonlySet<string> = new Set([
  'Softmax',
  'LogSoftmax',
  'Sigmoid',
  'HardSigmoid',
]);

/**
 * Finds each ArgMax that an output hangs on alone, and has it give that output itself. Any other ArgMax is left as it
 * is, and refused.
 */
export function withScores(graph: OnnxGraph): ScoredGraph {
  const givers = giversOf(graph.nodes);
  const taken = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const classNodes = new Map<OnnxNode, boolean>();
  const replaced = new Set<OnnxNode>();
  for (const name of outputs) {
    const last = givers.get(name);
    const node = givers.get(sourceOf(name, givers, isTail));
    if (
      last === undefined ||
      node?.operator !== 'ArgMax' ||
      node.domain !== '' ||
      taken.has(name)
    ) {
      continue;
    }
    const [scores = ''] = node.inputs;
    const own = { ...node, inputs: [outputOf(graph, node) ?? scores], outputs: [name] };
    const [from = ''] = own.inputs;
    const isScored = scoreOperators.has(givers.get(from)?.operator ?? '') || outputs.has(from);
    classNodes.set(own, isScored);
    replaced.add(last);
  }
  const nodes = graph.nodes.filter((node) => !replaced.has(node));
  return { graph: { ...graph, nodes: [...nodes, ...classNodes.keys()] }, classNodes };
}

function isTail({ domain, operator }: OnnxNode): boolean {
  return domain === '' && tailOperators.has(operator);
}

/** The output of the graph that has the probabilities of the classes whose best an ArgMax looks for. */
function outputOf({ nodes, outputs }: OnnxGraph, argMax: OnnxNode): string | undefined {
  const axis = axisText(argMax);
  const found = nodes.find(
    (node) =>
      (node.operator === 'Softmax' || node.operator === 'LogSoftmax') &&
      node.inputs[0] === argMax.inputs[0] &&
      axisText(node) === axis &&
      outputs.some(({ name }) => name === node.outputs[0]),
  );
  return found?.outputs[0];
}

function axisText({ attributes }: OnnxNode): string | undefined {
  const axis = attributes.get('axis');
  return axis?.kind === 'int' ? String(axis.value) : undefined;
}
