import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../source/onnx-source.js';
import { giversOf, sourceOf } from './givers.js';
import { outerNames } from './live-nodes.js';

/** Operators that only move floats, so that a state is still one behind them. */
export const movers: ReadonlySet<string> = new Set([
  'Slice',
  'Gather',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Reshape',
  'Split',
  'Identity',
  'Cast',
  'Concat',
  'Flatten',
]);

const adding: ReadonlySet<string> = new Set(['Add', 'Sub']);

const products: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

const stateWeights = /(weight|bias)_hh|recurrent_kernel/;

/** Operators with which the new state of no cell ends: it is what a head gives. */
const linear: ReadonlySet<string> = new Set([...products, 'Conv', 'Softmax', 'LogSoftmax']);

/** Tells how a value hangs on inputs. Each number has a bit for each input of the graph. */
interface Flow {
  /** Inputs that it hangs on. */
  readonly hangs: number;
  /** Inputs that are in it float by float, however they are moved, multiplied and added to. */
  readonly keeps: number;
  /** Those of them that a gate multiplies. */
  readonly gated: number;
  /** Inputs that it is, moved. */
  readonly is: number;
  /** Inputs whose own product with weights it is. */
  readonly weighs: number;
  /** Inputs whose own product with weights is a term of it, beside what others give. */
  readonly sums: number;
  /**
   * Inputs that it is the new state of, by the formula of a cell: `gate * state + ...`, or a function of `x W + state R`.
   * What functions make of it is one too, a product with weights is not.
   */
  readonly renews: number;
  /** Those of them that a gate or a part of themselves is kept by: `gate * state + ...`, `state + f(x W + state R)`. */
  readonly gates: number;
  /** True for what gates or a function of a cell give, and not a product with weights. */
  readonly isCells: boolean;
}

const nothing: Flow = {
  hangs: 0,
  keeps: 0,
  gated: 0,
  is: 0,
  weighs: 0,
  sums: 0,
  renews: 0,
  gates: 0,
  isCells: false,
};

type FlowBits = Exclude<keyof Flow, 'isCells'>;

/** Tells how the inputs of a graph flow into each of its values. */
export class StateFlows {
  readonly #graph: OnnxGraph;
  readonly #givers: ReadonlyMap<string, OnnxNode>;
  readonly #flows = new Map<string, Flow>();

  constructor(graph: OnnxGraph, inputs: readonly OnnxValueInfo[]) {
    this.#graph = graph;
    this.#givers = giversOf(graph.nodes);
    for (const [i, { name }] of inputs.entries()) {
      const bit = 1 << i;
      this.#flows.set(name, { ...nothing, hangs: bit, keeps: bit, is: bit, isCells: true });
    }
    for (const node of graph.nodes) {
      const flow = this.#flowOf(node);
      for (const output of node.outputs) {
        this.#flows.set(output, flow);
      }
    }
  }

  of(name: string): Flow {
    return this.#flows.get(name) ?? nothing;
  }

  #flowOf(node: OnnxNode): Flow {
    const { operator } = node;
    const inputs = node.inputs.map((name) => this.of(name));
    const isMove = movers.has(operator);
    const isSum = adding.has(operator);
    const isFunction = !isMove && !isSum && !linear.has(operator);
    const isKept = isMove || isSum || operator === 'Mul' || operator === 'Div';
    const all = (key: FlowBits, isTaken = true): number =>
      isTaken ? inputs.reduce((bits, flow) => bits | flow[key], 0) : 0;
    const hanging = inputs.filter((flow) => flow.hangs !== 0).length;
    /** Bits of the inputs beside which another hangs on the samples. */
    const beside = (key: FlowBits, isTaken: boolean): number =>
      isTaken && hanging > 1 ? all(key) : 0;
    /** Bits of what is kept in one term of a sum, and renewed in another. */
    const leaky = inputs.reduce(
      (bits, flow, i) =>
        bits | inputs.reduce((own, other, k) => own | (k === i ? 0 : flow.keeps & other.renews), 0),
      0,
    );
    return {
      hangs: outerNames(node).reduce((bits, name) => bits | this.of(name).hangs, all('hangs')),
      keeps: all('keeps', isKept),
      gated: all('gated', isKept) | beside('keeps', operator === 'Mul'),
      is: all('is', isMove && operator !== 'Concat'),
      weighs: products.has(operator) ? (inputs[0]?.is ?? 0) : all('weighs', isMove || isSum),
      sums: all('sums', isMove || isSum) | beside('weighs', isSum),
      renews:
        all('renews', !linear.has(operator)) | all('sums', isFunction) | beside('gated', isSum),
      gates: all('gates', !linear.has(operator)) | beside('gated', isSum) | (isSum ? leaky : 0),
      isCells: this.#isCells(node, inputs),
    };
  }

  /** Returns whether weights or a bias flow to an input whose name says that they are a state's, such as PyTorch's `weight_hh`. */
  isWeighedAsState(name: string): boolean {
    const { is } = this.of(name);
    return this.#graph.nodes.some(
      ({ operator, inputs }) =>
        (products.has(operator) || operator === 'Add') &&
        inputs.some((one) => ((this.of(one).is | this.of(one).weighs) & is) !== 0) &&
        inputs.some((one) => stateWeights.test(one)),
    );
  }

  /** The value that a value is, under however many names it stands. */
  sourceOf(name: string): string {
    return sourceOf(name, this.#givers, ({ operator }) => operator === 'Identity');
  }

  #isCells({ operator, inputs }: OnnxNode, flows: readonly Flow[]): boolean {
    const isBiased =
      operator === 'Add' && inputs.some((input) => this.#graph.initializers.has(input));
    return (
      !linear.has(operator) &&
      (!(movers.has(operator) || isBiased) ||
        flows.every((flow) => flow.isCells || flow.hangs === 0))
    );
  }
}
