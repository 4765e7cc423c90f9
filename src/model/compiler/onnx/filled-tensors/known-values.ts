import { LstmdError } from '../../../../base/errors.js';
import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../../source/onnx-source.js';
import { everySample } from '../../rate.js';
import { product } from '../../shape.js';
import { WindowBuilder } from '../../window-builder.js';
import { liveNodes } from '../live-nodes.js';
import { NodeAttributes } from '../node-attributes.js';
import { NodeContext, type GraphTerms } from '../node-context.js';
import { recurrentOperators } from '../operators/recurrent.js';
import { operatorOf } from '../registry.js';
import { Scope } from '../scope.js';
import { StateRegister } from '../state-register.js';
import { plain, sizesOf, type Constant, type Stream, type Value } from '../values/value.js';

/** Sizes that stand for axes of any size: more than 1, so that one index of them is not taken for all. */
const standIns = [37, 41, 43, 47];

/** Operators that write over some numbers of a tensor. */
export const scatterOperators: ReadonlySet<string> = new Set([
  'ScatterND',
  'ScatterElements',
  'Scatter',
]);

/** Tells numbers and sizes of a graph's values while nothing is known of its axes. */
export class KnownValues {
  readonly #scope = new Scope();
  readonly #terms: GraphTerms;
  #standIns: number;

  /**
   * @param wanted names of the values that are asked for
   * @param firstStandIn which of the stand-ins is the first: what two of them tell alike hangs on no size that may be any
   */
  constructor(graph: OnnxGraph, opset: number, wanted: readonly string[], firstStandIn: number) {
    this.#standIns = firstStandIn;
    this.#terms = {
      builder: new WindowBuilder(1),
      opset,
      isOneStep: true,
      isTimeKnown: true,
      steps: 1,
      states: new StateRegister(),
      classNodes: new Map(),
      isPyTorch: false,
      folding: { multiplyAdds: 0 },
      anchored: () => {},
    };
    this.#scope.declare(graph.initializers);
    for (const input of graph.inputs) {
      if (this.#scope.get(input.name) === undefined) {
        this.#enter(input);
      }
    }
    for (const node of liveNodes(graph.nodes, wanted)) {
      this.#compute(node);
    }
  }

  /** The numbers of a value; undefined where samples change them, or nothing is known. */
  numbers(name: string): Constant | undefined {
    const value = this.#scope.get(name);
    return value?.kind === 'constant' ? value : undefined;
  }

  /** The sizes of a value; undefined where they are not known. */
  sizes(name: string): readonly number[] | undefined {
    const value = this.#scope.get(name);
    return value && sizesOf(value);
  }

  #enter({ name, shape }: OnnxValueInfo): void {
    if (shape !== null && shape.length <= standIns.length) {
      const sizes = shape.map((size) =>
        typeof size === 'number' && size > 0 ? size : this.#standIn(),
      );
      this.#scope.set(name, this.#stream(sizes));
    }
  }

  #standIn(): number {
    this.#standIns += 1;
    return standIns[this.#standIns % standIns.length] ?? 1;
  }

  #stream(sizes: readonly number[]): Stream {
    const value = this.#terms.builder.value(product(sizes), 1);
    return { kind: 'stream', axes: sizes.map(plain), value, rate: everySample(1) };
  }

  /** Leaves unknown what cannot be computed here: it is refused where the graph is built, if it matters there. */
  #compute(node: OnnxNode): void {
    try {
      const values = this.#withSizesAlone(node) ?? this.#built(node);
      for (const [i, value] of values.entries()) {
        if (value !== undefined) {
          this.#scope.set(node.outputs[i] ?? '', value);
        }
      }
    } catch (error) {
      if (!(error instanceof LstmdError || error instanceof RangeError)) {
        throw error;
      }
    }
  }

  #built(node: OnnxNode): readonly (Value | undefined)[] {
    const build = node.domain === '' ? operatorOf(node.operator) : undefined;
    const inputs = node.inputs.map((name) => this.#scope.get(name));
    if (build === undefined || node.inputs.some((name, i) => name !== '' && !inputs[i])) {
      return [];
    }
    const options = new NodeAttributes(node.name, node.attributes);
    const { name, operator: className, outputs } = node;
    return build(new NodeContext(this.#terms, { name, className, options, inputs, outputs }));
  }

  /** A recurrent node looks for the time, and of what a scatter gives the numbers do not matter. */
  #withSizesAlone(node: OnnxNode): readonly Value[] | undefined {
    const [x = '', , r = ''] = node.inputs;
    if (node.domain === '' && scatterOperators.has(node.operator)) {
      const sizes = this.sizes(x);
      return sizes === undefined ? [] : [this.#stream(sizes)];
    }
    if (node.domain !== '' || !recurrentOperators.has(node.operator)) {
      return undefined;
    }
    const [given, weights] = [this.sizes(x), this.sizes(r)];
    const layout = node.attributes.get('layout');
    if (given === undefined || weights === undefined) {
      return [];
    }
    const [first = 1, second = 1] = given;
    const [directions = 1, , units = 1] = weights;
    const isBatchFirst = layout?.kind === 'int' && layout.value === 1;
    const sizes = isBatchFirst
      ? [first, second, directions, units]
      : [first, directions, second, units];
    return [this.#stream(sizes)];
  }
}
