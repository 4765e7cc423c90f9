import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from '../../source/onnx-source.js';
import { numberOf } from './attribute-number.js';
import { giversOf } from './givers.js';
import { standardNode, wholeTensor } from './standard-node.js';

/** Steps that stand in a sequence, along an axis of a value. */
interface SplitSteps {
  readonly of: string;
  readonly axis: number;
  readonly isKept: boolean;
}

/**
 * Puts tensors in the place of sequences of them: a part of a split that is picked by its number is an index of its axis, and
 * a list to which a Loop adds a value at each turn is what the Loop gives of every turn. Other sequences are left, and
 * refused by their nodes.
 */
export function withoutSequences(graph: OnnxGraph): OnnxGraph {
  if (!graph.nodes.some(({ operator }) => operator.includes('Sequence'))) {
    return graph;
  }
  const numbers = numbersOf(graph);
  const splits = new Map<string, SplitSteps>();
  const lists = new Map<string, string>();
  const givers = giversOf(graph.nodes);
  const added: OnnxTensor[] = [];
  const nodes = graph.nodes.map((node): OnnxNode => {
    const [of = '', at = ''] = node.inputs;
    switch (node.domain === '' ? node.operator : '') {
      case 'SplitToSequence': {
        const steps = splitSteps(node, numbers.get(at));
        if (steps !== undefined) {
          splits.set(node.outputs[0] ?? '', steps);
        }
        return node;
      }
      case 'SequenceAt': {
        const split = splits.get(of);
        const index = numbers.get(at)?.[0];
        if (split === undefined || index === undefined) {
          return node;
        }
        const tensor = wholeTensor([index], split.isKept ? [1] : []);
        added.push(tensor);
        const axis = { axis: { kind: 'int', value: split.axis } } as const;
        return {
          ...standardNode('Gather', [split.of, tensor.name], node.outputs, axis),
          name: node.name,
        };
      }
      case 'Loop':
        return withoutLists(graph, node, givers, lists);
      case 'ConcatFromSequence': {
        const steps = lists.get(of);
        const axis = numberOf(node, 'axis') ?? 0;
        const isStacked = numberOf(node, 'new_axis') === 1;
        return steps === undefined
          ? node
          : {
              ...standardNode('JoinSteps', [steps], node.outputs, {
                axis: { kind: 'int', value: axis },
                merges: { kind: 'int', value: isStacked ? 0 : 1 },
              }),
              name: node.name,
            };
      }
      default:
        return node;
    }
  });
  const initializers = new Map(graph.initializers);
  for (const tensor of added) {
    initializers.set(tensor.name, tensor);
  }
  return { ...graph, nodes, initializers };
}

/** The steps of a split into parts of one; undefined where they are larger, or not known. */
function splitSteps(node: OnnxNode, sizes: readonly number[] | undefined): SplitSteps | undefined {
  const [of = '', split = ''] = node.inputs;
  const isDefault = split === '';
  if (!isDefault && sizes?.every((size) => size === 1) !== true) {
    return undefined;
  }
  // Where the sizes are given the axis is kept, whatever the attribute says.
  const isKept = !isDefault || (numberOf(node, 'keepdims') ?? 1) === 1;
  return { of, axis: numberOf(node, 'axis') ?? 0, isKept };
}

/** Numbers of the file: initialisers and constants, and lists that are put together of such. */
function numbersOf({ initializers, nodes }: OnnxGraph): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const [name, { data }] of initializers) {
    if (data !== null && data.length <= 4096) {
      found.set(name, [...data]);
    }
  }
  for (const { operator, inputs, outputs, attributes } of nodes) {
    const value = attributes.get('value');
    if (operator === 'Constant' && value?.kind === 'tensor' && value.value.data !== null) {
      found.set(outputs[0] ?? '', [...value.value.data]);
    }
    const parts = inputs.map((input) => found.get(input));
    const isPassing = ['Concat', 'Unsqueeze', 'Squeeze', 'Identity', 'Cast'].includes(operator);
    const known = operator === 'Concat' ? parts : parts.slice(0, 1);
    if (isPassing && known.every((part) => part !== undefined)) {
      found.set(outputs[0] ?? '', known.flat());
    }
  }
  return found;
}

/** A Loop that gives the values of every turn in the place of each list that begins empty. */
function withoutLists(
  around: OnnxGraph,
  node: OnnxNode,
  givers: ReadonlyMap<string, OnnxNode>,
  lists: Map<string, string>,
): OnnxNode {
  const attribute = node.attributes.get('body');
  if (attribute?.kind !== 'graph') {
    return node;
  }
  const body = attribute.value;
  const inner = giversOf(body.nodes);
  const carried = node.inputs.slice(2);
  const isJoined = (name: string): boolean =>
    !around.outputs.some((output) => output.name === name) &&
    around.nodes.every(
      ({ operator, inputs }) => operator === 'ConcatFromSequence' || !inputs.includes(name),
    );
  const found = carried.flatMap((begin, i) => {
    const before = body.inputs[2 + i]?.name ?? '';
    const insert = inner.get(body.outputs[1 + i]?.name ?? '');
    const [list, value = '', position = ''] = insert?.inputs ?? [];
    const uses = body.nodes.filter(({ inputs }) => inputs.includes(before)).length;
    const isList =
      givers.get(begin)?.operator === 'SequenceEmpty' &&
      insert?.operator === 'SequenceInsert' &&
      list === before &&
      position === '' &&
      isJoined(node.outputs[i] ?? '') &&
      uses === 1;
    return isList ? [{ at: i, insert, value }] : [];
  });
  if (found.length === 0 || node.outputs.length !== body.outputs.length - 1) {
    return node;
  }
  const isKept = (_: unknown, i: number): boolean => !found.some(({ at }) => at === i);
  const infos = found.map(({ value }): OnnxValueInfo => ({
    name: value,
    type: 'float32',
    shape: null,
  }));
  const steps = found.map(({ at }) => {
    const name = node.outputs[at] ?? '';
    lists.set(name, `${name}/steps`);
    return `${name}/steps`;
  });
  const graph: OnnxGraph = {
    ...body,
    nodes: body.nodes.filter((one) => !found.some(({ insert }) => insert === one)),
    inputs: [...body.inputs.slice(0, 2), ...body.inputs.slice(2).filter(isKept)],
    outputs: [...body.outputs.slice(0, 1), ...body.outputs.slice(1).filter(isKept), ...infos],
  };
  return {
    ...node,
    inputs: [...node.inputs.slice(0, 2), ...carried.filter(isKept)],
    outputs: [...node.outputs.filter(isKept), ...steps],
    attributes: new Map([...node.attributes, ['body', { kind: 'graph', value: graph }]]),
  };
}
