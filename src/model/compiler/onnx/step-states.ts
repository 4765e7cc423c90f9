import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../source/onnx-source.js';

/** A state of a step that is written out: what goes in, and the output that goes back in. */
export interface StepState {
  readonly input: OnnxValueInfo;
  readonly output: string;
}

/** Operators that keep what flows through them in its place: a state that gates multiply is one still. */
const keeping: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Identity', 'Cast']);

/** Operators with which the new state of no cell ends: it is what a head gives. */
const linear: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Conv', 'Softmax', 'LogSoftmax']);

/** Operators behind which a value is the same numbers. */
const moving: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Concat',
  'Transpose',
]);

/** Inputs that are tried: a step of more states is not told. */
const mostInputs = 12;

/**
 * Tells the states of one step of a cell of any kind: each input but one becomes an output of its shape, which hangs on it and
 * is no head's. An output in which the state is kept by gates alone is its own before others.
 *
 * @returns undefined where the graph is no such step, or could be read in more than one way
 */
export function stepStates(
  graph: OnnxGraph,
  inputs: readonly OnnxValueInfo[],
): readonly StepState[] | undefined {
  if (inputs.length > mostInputs) {
    return undefined;
  }
  const flows = new Flows(graph, inputs);
  const outputs = graph.outputs.filter(({ name }) => flows.isCells(name));
  const becomes = inputs.map((input, i) => {
    const hanging = outputs.filter(
      ({ name, shape }) => isOneShape(input.shape, shape) && flows.hangsOn(name, i),
    );
    const kept = hanging.filter(({ name }) => flows.keeps(name, i));
    return (kept.length > 0 ? kept : hanging).map(({ name }) => name);
  });
  const found: StepState[][] = [];
  for (const sensor of inputs.keys()) {
    const states = inputs.flatMap((input, i) =>
      i === sensor ? [] : [{ input, outputs: becomes[i] ?? [] }],
    );
    found.push(...pairings(states, new Set()));
  }
  const [only, ...others] = found;
  // What is left is what the model says.
  return others.length === 0 && only !== undefined && only.length < graph.outputs.length
    ? only
    : undefined;
}

function isOneShape(a: OnnxValueInfo['shape'], b: OnnxValueInfo['shape']): boolean {
  return (
    a !== null &&
    b !== null &&
    a.length === b.length &&
    a.every((size, i) => size !== null && size === b[i])
  );
}

/** Every way to give each state an output of its own. */
function pairings(
  states: readonly {
    readonly input: OnnxValueInfo;
    readonly outputs: readonly string[];
  }[],
  taken: ReadonlySet<string>,
): StepState[][] {
  const [first, ...others] = states;
  if (first === undefined) {
    return [[]];
  }
  return first.outputs
    .filter((output) => !taken.has(output))
    .flatMap((output) =>
      pairings(others, new Set([...taken, output])).map((rest) => {
        rest.push({ input: first.input, output });
        return rest;
      }),
    );
}

/** Which inputs of a graph each of its values hangs on. */
class Flows {
  readonly #graph: OnnxGraph;
  readonly #givers = new Map<string, OnnxNode>();
  /** A bit for each input. */
  readonly #hangs = new Map<string, number>();
  readonly #keeps = new Map<string, number>();

  constructor(graph: OnnxGraph, inputs: readonly OnnxValueInfo[]) {
    this.#graph = graph;
    for (const [i, { name }] of inputs.entries()) {
      this.#hangs.set(name, 1 << i);
      this.#keeps.set(name, 1 << i);
    }
    for (const node of graph.nodes) {
      const all = (bits: ReadonlyMap<string, number>): number =>
        node.inputs.reduce((sum, name) => sum | (bits.get(name) ?? 0), 0);
      const [hangs, kept] = [all(this.#hangs), keeping.has(node.operator) ? all(this.#keeps) : 0];
      for (const output of node.outputs) {
        this.#givers.set(output, node);
        this.#hangs.set(output, hangs);
        this.#keeps.set(output, kept);
      }
    }
  }

  hangsOn(name: string, input: number): boolean {
    return ((this.#hangs.get(name) ?? 0) & (1 << input)) !== 0;
  }

  keeps(name: string, input: number): boolean {
    return ((this.#keeps.get(name) ?? 0) & (1 << input)) !== 0;
  }

  /** Returns whether a value is what gates or a function of a cell give, and not a product with weights. */
  isCells(name: string): boolean {
    const node = this.#givers.get(name);
    if (node === undefined || linear.has(node.operator)) {
      return false;
    }
    const given = node.inputs.filter((input) => this.#givers.has(input));
    const isBiased =
      node.operator === 'Add' && node.inputs.some((input) => this.#graph.initializers.has(input));
    return moving.has(node.operator) || isBiased
      ? given.every((input) => this.isCells(input) || !this.#hangs.get(input))
      : true;
  }
}
