import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../source/onnx-source.js';
import { standardNode } from '../standard-node.js';
import { GraphView, type FoundProduct } from './graph-view.js';

/** A cell that is written out, as the operator that it is. */
interface FoundCell {
  readonly operator: 'LSTM' | 'GRU';
  readonly ofSample: FoundProduct;
  readonly ofState: FoundProduct;
  /** For each gate of the operator its place in the weights. */
  readonly order: readonly number[];
  /** Values that the states begin with, and that they become, in the order of the operator. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A graph with operators in the place of cells, and the names of the states of each cell. */
export interface GraphOfCells {
  readonly graph: OnnxGraph;
  readonly cells: readonly {
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
  /** True where each state that a cell gives is an output of the graph, however it is moved. */
  readonly areGivenOut: boolean;
}

/**
 * Puts the operator in the place of cells that are written out with their states in and out, as PyTorch exports
 * LSTMCell and GRUCell. What only looks like one is left as it is, and refused where its state flows.
 */
export function withoutWrittenCells(graph: OnnxGraph): GraphOfCells {
  const view = new GraphView(graph);
  const initializers = new Map(graph.initializers);
  const cells = new Map<string, readonly OnnxNode[]>();
  const found: FoundCell[] = [];
  for (const { outputs } of graph.nodes) {
    const [value = ''] = outputs;
    const cell = lstmCell(view, value) ?? gruCell(view, value);
    if (cell?.before.every((state) => view.isGiven(state)) === true) {
      const nodes = operatorNodes(cell, initializers);
      found.push(cell);
      for (const after of cell.after) {
        cells.set(after, nodes);
      }
    }
  }
  // A cell stands where the first of its states was given: all that it takes was given before.
  const placed = new Set<readonly OnnxNode[]>();
  const nodes = graph.nodes.flatMap((node) => {
    const own = cells.get(node.outputs[0] ?? '');
    if (own === undefined) {
      return [node];
    }
    const isFirst = !placed.has(own);
    placed.add(own);
    return isFirst ? own : [];
  });
  return {
    graph: { ...graph, nodes, initializers },
    cells: found,
    areGivenOut: found.every(({ after }) => after.every((state) => view.isGivenOut(state))),
  };
}

/** `h' = sigmoid(o) tanh(c')`, `c' = sigmoid(f) c + sigmoid(i) tanh(g)`. */
function lstmCell(view: GraphView, h: string): FoundCell | undefined {
  const out = view.pair(h, 'Mul', 'Tanh');
  const c = out && view.argument(out[0], 'Tanh');
  const sum = c === undefined ? undefined : view.giver(c, 'Add');
  const [left = '', right = ''] = sum?.inputs ?? [];
  const isLeftNew = view.pair(left, 'Mul', 'Tanh') !== undefined;
  const fresh = view.pair(isLeftNew ? left : right, 'Mul', 'Tanh');
  const kept = view.pair(isLeftNew ? right : left, 'Mul', 'Sigmoid');
  if (out === undefined || c === undefined || fresh === undefined || kept === undefined) {
    return undefined;
  }
  const parts = [
    view.argument(fresh[1], 'Sigmoid'),
    view.argument(out[1], 'Sigmoid'),
    view.argument(kept[0], 'Sigmoid'),
    view.argument(fresh[0], 'Tanh'),
  ].map((value) => (value === undefined ? undefined : view.part(value, 4)));
  const [first] = parts;
  const order = parts.map((part) => part?.index ?? -1);
  if (
    first === undefined ||
    parts.some((part) => part?.of !== first.of) ||
    new Set(order).size !== 4
  ) {
    return undefined;
  }
  const products = view.giver(first.of, 'Add')?.inputs.map((value) => view.product(value));
  const [a, b] = products ?? [];
  const roles = a && b && sampleAndState(a, b);
  return (
    roles && {
      operator: 'LSTM',
      ...roles,
      order,
      before: [roles.ofState.input, kept[1]],
      after: [h, c],
    }
  );
}

/** `h' = (h - n) z + n`, `n = tanh(x_n + r h_n)`, as PyTorch writes it. */
function gruCell(view: GraphView, after: string): FoundCell | undefined {
  const sum = view.pair(after, 'Add', 'Mul');
  const mixed = sum && view.pair(sum[0], 'Mul', 'Sub');
  const [h, candidate] = (mixed && view.giver(mixed[0], 'Sub')?.inputs) ?? [];
  const n = candidate === undefined ? undefined : view.argument(candidate, 'Tanh');
  const inner = n === undefined ? undefined : view.pair(n, 'Add', 'Mul');
  const reset = inner === undefined ? undefined : view.pair(inner[0], 'Mul', 'Sigmoid');
  if (
    sum === undefined ||
    mixed === undefined ||
    h === undefined ||
    inner === undefined ||
    reset === undefined ||
    sum[1] !== candidate
  ) {
    return undefined;
  }
  const gate = (value: string): readonly [string, string] | undefined => {
    const [a, b] = view.giver(view.argument(value, 'Sigmoid') ?? '', 'Add')?.inputs ?? [];
    return a === undefined || b === undefined ? undefined : [a, b];
  };
  const [z, r] = [gate(mixed[1]), gate(reset[0])];
  const [ofX, ofH] = [view.part(inner[1], 3), view.part(reset[1], 3)];
  if (z === undefined || r === undefined || ofX === undefined || ofH === undefined) {
    return undefined;
  }
  const places = [z, r].map((pair) => {
    const both = pair.map((value) => view.part(value, 3));
    const x = both.find((part) => part?.of === ofX.of);
    const state = both.find((part) => part?.of === ofH.of);
    return x !== undefined && x.index === state?.index ? x.index : -1;
  });
  const order = [...places, ofX.index];
  const [ofSample, ofState] = [view.product(ofX.of), view.product(ofH.of)];
  const isCell =
    new Set(order).size === 3 &&
    !order.includes(-1) &&
    ofX.index === ofH.index &&
    ofX.of !== ofH.of &&
    ofState !== undefined &&
    view.isSame(ofState.input, h);
  return ofSample !== undefined && ofState !== undefined && isCell
    ? { operator: 'GRU', ofSample, ofState, order, before: [h], after: [after] }
    : undefined;
}

/**
 * Tells the product of the sample from that of the state. A cell is the same in both, so that with as many features
 * as units only the names of the weights tell, by PyTorch's `weight_hh`.
 */
function sampleAndState(
  a: FoundProduct,
  b: FoundProduct,
): { readonly ofSample: FoundProduct; readonly ofState: FoundProduct } | undefined {
  const units = (a.weight.shape[0] ?? 0) / 4;
  const [isA, isB] = [a, b].map(({ weight }) => weight.shape[1] === units);
  if (isA === true && (isB !== true || isNamed(a))) {
    return isNamed(b) ? undefined : { ofSample: b, ofState: a };
  }
  return isB === true && (isA !== true || isNamed(b)) ? { ofSample: a, ofState: b } : undefined;
}

/** The operator around its own step of one, (batch, features) to (1, batch, features). */
function operatorNodes(
  { operator, ofSample, ofState, order, before, after }: FoundCell,
  initializers: Map<string, OnnxTensor>,
): OnnxNode[] {
  const name = after[0] ?? '';
  const gates = order.length;
  const units = (ofState.weight.shape[0] ?? 0) / gates;
  const weights = [
    reordered(ofSample.weight, `${name}/W`, gates, order),
    reordered(ofState.weight, `${name}/R`, gates, order),
    biases(ofSample.bias, ofState.bias, `${name}/B`, units, order),
  ];
  for (const tensor of weights) {
    initializers.set(tensor.name, tensor);
  }
  const axes = { axes: { kind: 'ints', value: [0] } } as const;
  const x = standardNode('Unsqueeze', [ofSample.input], [`${name}/x`], axes);
  const states = before.map((input, i) =>
    standardNode('Unsqueeze', [input], [`${name}/before_${i}`], axes),
  );
  const finals = after.map((_, i) => `${name}/after_${i}`);
  const inputs = [
    ...x.outputs,
    ...weights.map((tensor) => tensor.name),
    '',
    ...states.flatMap(({ outputs }) => outputs),
  ];
  const attributes =
    operator === 'GRU' ? ({ linear_before_reset: { kind: 'int', value: 1 } } as const) : {};
  const cell = {
    ...standardNode(operator, inputs, ['', ...finals], attributes),
    name: ofState.node.name,
  };
  const squeezed = after.map((output, i) =>
    standardNode('Squeeze', [finals[i] ?? ''], [output], axes),
  );
  return [x, ...states, cell, ...squeezed];
}

function isNamed({ weightName }: FoundProduct): boolean {
  return /weight_hh/.test(weightName);
}

/** Blocks of rows (gates * units, size) in the order of the operator, with an axis of one direction in front. */
function reordered(
  { shape, type, data }: OnnxTensor,
  name: string,
  gates: number,
  order: readonly number[],
): OnnxTensor {
  const run = (data?.length ?? 0) / gates;
  const rows = new Float32Array(data?.length ?? 0);
  for (const [gate, source] of order.entries()) {
    rows.set(data?.subarray(source * run, (source + 1) * run) ?? [], gate * run);
  }
  return { name, shape: [1, ...shape], type, data: rows };
}

function biases(
  ofSample: OnnxTensor | null,
  ofState: OnnxTensor | null,
  name: string,
  units: number,
  order: readonly number[],
): OnnxTensor {
  const width = order.length * units;
  const zeros = {
    name,
    shape: [width],
    type: 'float32',
    data: new Float32Array(width),
  };
  const [x, h] = [ofSample, ofState].map((bias) =>
    reordered(bias ?? zeros, name, order.length, order),
  );
  const data = new Float32Array(2 * width);
  data.set(x?.data ?? [], 0);
  data.set(h?.data ?? [], width);
  return { name, shape: [1, 2 * width], type: 'float32', data };
}
