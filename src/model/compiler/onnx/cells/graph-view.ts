import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../source/onnx-source.js';
import { numberOf } from '../attribute-number.js';
import { fileTensor, giversOf } from '../givers.js';

/** A node of a kind that was looked for, with its inputs. */
export interface Found {
  readonly node: OnnxNode;
  readonly inputs: readonly string[];
}

/** A product `x W' + b` with weights of the file. */
export interface FoundProduct {
  readonly input: string;
  /** (units, inputs). */
  readonly weight: OnnxTensor;
  readonly weightName: string;
  /** (units), or null. */
  readonly bias: OnnxTensor | null;
  readonly node: OnnxNode;
}

/** Operators that only move or make floats. */
const moving: ReadonlySet<string> = new Set([
  'Constant',
  'ConstantOfShape',
  'Expand',
  'Shape',
  'Concat',
  'Slice',
  'Gather',
  'Split',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Transpose',
  'Cast',
  'Identity',
]);

/** Looks from values of a graph back to what gives them. */
export class GraphView {
  readonly #graph: OnnxGraph;
  readonly #givers: ReadonlyMap<string, OnnxNode>;

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    this.#givers = giversOf(graph.nodes);
  }

  /** The node that gives a value, where it is this operator. */
  giver(value: string, operator: string): Found | undefined {
    const node = this.#givers.get(value);
    return node?.operator === operator && node.domain === ''
      ? { node, inputs: node.inputs }
      : undefined;
  }

  /** Both inputs of a node that gives a value, in the order in which the first is of `first`. */
  pair(value: string, operator: string, first: string): readonly [string, string] | undefined {
    const found = this.giver(value, operator);
    const [a, b] = found?.inputs ?? [];
    if (a === undefined || b === undefined) {
      return undefined;
    }
    return this.giver(a, first) === undefined
      ? this.giver(b, first) === undefined
        ? undefined
        : [b, a]
      : [a, b];
  }

  /** The only input of a node that gives a value. */
  argument(value: string, operator: string): string | undefined {
    return this.giver(value, operator)?.inputs[0];
  }

  /** A Gemm with weights of the file. */
  product(value: string): FoundProduct | undefined {
    const found = this.giver(value, 'Gemm');
    const [input, weightName = '', biasName = ''] = found?.inputs ?? [];
    const weight = this.#graph.initializers.get(weightName);
    const bias = this.#graph.initializers.get(biasName) ?? null;
    if (found === undefined || input === undefined || weight === undefined) {
      return undefined;
    }
    const { attributes } = found.node;
    const isOne = (key: string): boolean => [undefined, 1].includes(numberOf(found.node, key));
    const isPlain =
      numberOf(found.node, 'transB') === 1 &&
      (numberOf(found.node, 'transA') ?? 0) === 0 &&
      isOne('alpha') &&
      isOne('beta') &&
      weight.shape.length === 2 &&
      (biasName === '' || bias?.shape.length === 1);
    return isPlain && attributes.size <= 4
      ? { input, weight, weightName, bias, node: found.node }
      : undefined;
  }

  /** Returns whether a value is given from outside or by the file: a state that a step begins with, not one that nodes compute. */
  isGiven(value: string, seen = new Set<string>()): boolean {
    const node = this.#givers.get(value);
    if (node === undefined || seen.has(value)) {
      return true;
    }
    seen.add(value);
    return moving.has(node.operator) && node.inputs.every((input) => this.isGiven(input, seen));
  }

  /** Returns whether a value is an output of the graph, as it is or moved. */
  isGivenOut(value: string): boolean {
    const { outputs, nodes } = this.#graph;
    const reached = new Set([value]);
    for (const node of nodes) {
      if (moving.has(node.operator) && node.inputs.some((input) => reached.has(input))) {
        for (const output of node.outputs) {
          reached.add(output);
        }
      }
    }
    return outputs.some(({ name }) => reached.has(name));
  }

  /** Returns whether two values are one, or constants of the same numbers. */
  isSame(a: string, b: string): boolean {
    const [left, right] = [this.#constant(a)?.data, this.#constant(b)?.data];
    return (
      a === b ||
      (left?.length !== undefined &&
        left.length === right?.length &&
        left.every((number: number, i: number) => number === right[i]))
    );
  }

  #constant(name: string): OnnxTensor | undefined {
    return fileTensor(name, this.#graph, this.#givers);
  }

  /** Returns which part of which value of equal parts along the last axis a value is. */
  part(value: string, count: number): { readonly of: string; readonly index: number } | undefined {
    const found = this.giver(value, 'Split');
    const [of] = found?.inputs ?? [];
    if (found === undefined || of === undefined || found.node.outputs.length !== count) {
      return undefined;
    }
    const axis = numberOf(found.node, 'axis') ?? 0;
    const sizes = this.#sizes(found.node);
    const isEqual = sizes === undefined || new Set(sizes).size === 1;
    return (axis === 1 || axis === -1) && isEqual
      ? { of, index: found.node.outputs.indexOf(value) }
      : undefined;
  }

  #sizes(node: OnnxNode): (ArrayLike<number> & Iterable<number>) | undefined {
    const own = node.attributes.get('split');
    if (own?.kind === 'ints') {
      return own.value;
    }
    const name = node.inputs[1] ?? '';
    return name === '' ? undefined : (this.#constant(name)?.data ?? [0, 1]);
  }
}
