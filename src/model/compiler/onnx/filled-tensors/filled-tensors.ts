import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../source/onnx-source.js';
import { isSameShape, product } from '../../shape.js';
import { numberOf } from '../attribute-number.js';
import { fileTensor, giversOf, namesBehind } from '../givers.js';
import { liveNodes } from '../live-nodes.js';
import { standardNode, wholeTensor } from '../standard-node.js';
import type { Constant } from '../values/value.js';
import { filledWith, runsOf, type FilledTensor, type Run, type Update } from './filled-tensor.js';
import { KnownValues, scatterOperators } from './known-values.js';
import { scatterPlace, type ScatterPlace } from './scatter-place.js';

/** Operators that leave the floats in their order, where their number stays what it is. */
const renaming: ReadonlySet<string> = new Set([
  'Reshape',
  'Expand',
  'Unsqueeze',
  'Squeeze',
  'Flatten',
  'Identity',
]);

function isRenamed({ operator, domain }: OnnxNode): boolean {
  return renaming.has(operator) && domain === '';
}

/**
 * Puts a Concat of what was written in the place of a tensor that is filled index by index, as `out[:, t] = h` is exported:
 * so a loop's steps are what they are when a list of them is stacked.
 */
export function withoutFilledTensors(graph: OnnxGraph, opset: number): OnnxGraph {
  const live = liveNodes(
    graph.nodes,
    graph.outputs.map(({ name }) => name),
  );
  const scatters = live.filter(
    ({ operator, domain }) => domain === '' && scatterOperators.has(operator),
  );
  if (scatters.length === 0) {
    return graph;
  }
  const wanted = scatters.flatMap(({ inputs, outputs }) => inputs.concat(outputs));
  const own = { ...graph, nodes: live };
  const known = (firstStandIn: number): KnownValues =>
    new KnownValues(own, opset, wanted, firstStandIn);
  return new FilledTensors(own, known(0), known(1)).build();
}

/** The tensors of a graph that are filled, and what the graph is without them. */
class FilledTensors {
  readonly #graph: OnnxGraph;
  readonly #known: KnownValues;
  /** The same with other sizes in the place of those that may be any. */
  readonly #other: KnownValues;
  readonly #givers: ReadonlyMap<string, OnnxNode>;
  /** By the name of each output of a scatter. */
  readonly #filled = new Map<string, FilledTensor>();
  readonly #initializers: Map<string, OnnxTensor>;
  readonly #given = new Set<string>();

  constructor(graph: OnnxGraph, known: KnownValues, other: KnownValues) {
    this.#graph = graph;
    this.#known = known;
    this.#other = other;
    this.#initializers = new Map(graph.initializers);
    this.#givers = giversOf(graph.nodes);
  }

  build(): OnnxGraph {
    const nodes = this.#graph.nodes.flatMap((node) =>
      scatterOperators.has(node.operator) && node.domain === ''
        ? this.#scatter(node)
        : this.#reader(node),
    );
    return { ...this.#graph, nodes, initializers: this.#initializers };
  }

  #scatter(node: OnnxNode): OnnxNode[] {
    const [data = '', , update = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const place = this.#placeOf(node);
    const sizes = this.#known.sizes(data);
    if (place === undefined || sizes === undefined) {
      return [node];
    }
    const { axis, indices } = place;
    const before = this.#filled.get(data);
    const own: FilledTensor =
      before?.axis === axis
        ? before
        : {
            root: data,
            sizes,
            axis,
            slots: Array.from({ length: sizes[axis] ?? 0 }, () => ({ from: 'root' })),
          };
    const filled = filledWith(own, { name: update, indices });
    const made = this.#joined(filled, 0, sizes[axis] ?? 0, output, node.name);
    if (made === undefined) {
      return [node];
    }
    this.#filled.set(output, filled);
    return made;
  }

  /** The place that a node writes; undefined where it, or the size of its axis, is another in another window. */
  #placeOf(node: OnnxNode): ScatterPlace | undefined {
    const [data = ''] = node.inputs;
    const [place, other] = [this.#known, this.#other].map((known) => scatterPlace(node, known));
    const isFixed =
      place?.axis === other?.axis &&
      isSameShape(place?.indices ?? [], other?.indices ?? []) &&
      this.#known.sizes(data)?.[place?.axis ?? 0] === this.#other.sizes(data)?.[place?.axis ?? 0];
    return isFixed ? place : undefined;
  }

  /** A node that takes one index or a run of them of a filled tensor takes what was written there. */
  #reader(node: OnnxNode): OnnxNode[] {
    const [name = '', ...others] = node.inputs;
    const filled = this.#filled.get(name);
    const [output = ''] = node.outputs;
    if (filled === undefined || node.domain !== '') {
      return [node];
    }
    if (node.operator === 'Identity') {
      this.#filled.set(output, filled);
      return [node];
    }
    if (node.operator === 'Shape') {
      return [{ ...node, inputs: [filled.root, ...others] }];
    }
    const rank = filled.sizes.length;
    const size = filled.sizes[filled.axis] ?? 0;
    const isOwn = (axis: number | undefined): boolean =>
      axis !== undefined && (axis < 0 ? axis + rank : axis) === filled.axis;
    if (node.operator === 'Gather' && isOwn(numberOf(node, 'axis') ?? 0)) {
      const index = this.#numbersOf(node.inputs[1] ?? '');
      const [given = Number.NaN] = index?.data ?? [];
      const at = given < 0 ? given + size : given;
      const slot = filled.slots[at];
      if (index?.data.length === 1 && index.shape.length <= 1 && slot?.from === 'root') {
        return [{ ...node, inputs: [filled.root, ...others] }];
      }
      if (index?.data.length === 1 && index.shape.length === 0 && slot?.from === 'update') {
        const base = this.#base(filled, slot.update);
        if (base?.isWithoutAxis === true) {
          return [standardNode('Identity', [base.name], [output])];
        }
      }
      return [node];
    }
    if (node.operator !== 'Slice') {
      return [node];
    }
    const [start, end, axis, step] = ['starts', 'ends', 'axes', 'steps'].map((key, i) =>
      this.#wholes(node, key, i + 1),
    );
    const isOneAxis =
      start?.length === 1 &&
      end?.length === 1 &&
      isOwn(axis === undefined ? 0 : axis[0]) &&
      (axis?.length ?? 1) === 1 &&
      (step === undefined || step[0] === 1);
    if (!isOneAxis) {
      return [node];
    }
    const bound = (given = 0): number =>
      Math.min(Math.max(given < 0 ? given + size : given, 0), size);
    const [from, to] = [bound(start[0]), bound(end[0])];
    return (to > from && this.#joined(filled, from, to - from, output, node.name)) || [node];
  }

  /** Numbers that the file has or makes; undefined where they are others in another window. */
  #numbersOf(name: string): Pick<Constant, 'data' | 'shape'> | undefined {
    const [known, other] = [this.#known.numbers(name), this.#other.numbers(name)];
    if (known !== undefined && other !== undefined) {
      return isSameShape([...known.data], [...other.data]) ? known : undefined;
    }
    const tensor = fileTensor(name, this.#graph, this.#givers);
    return tensor?.data === null || tensor === undefined
      ? undefined
      : { data: tensor.data, shape: tensor.shape };
  }

  #wholes(node: OnnxNode, key: string, position: number): readonly number[] | undefined {
    const own = node.attributes.get(key);
    const name = node.inputs[position] ?? '';
    if (own?.kind === 'ints' || name === '') {
      return own?.kind === 'ints' ? own.value : undefined;
    }
    const tensor = this.#numbersOf(name);
    return tensor === undefined ? [Number.NaN, Number.NaN] : Array.from(tensor.data);
  }

  /** Nodes that put a run of indices together, under a name; undefined where their parts are not known. */
  #joined(
    filled: FilledTensor,
    from: number,
    count: number,
    output: string,
    name: string,
  ): OnnxNode[] | undefined {
    const parts = runsOf(filled, from, count).map((run) => this.#part(filled, run));
    const found = parts.filter((part) => part !== undefined);
    if (found.length < parts.length) {
      return undefined;
    }
    const nodes = found.flatMap((part) => part.nodes).filter((node) => this.#isNew(node));
    const attributes = { axis: { kind: 'int', value: filled.axis } } as const;
    const inputs = found.map((part) => part.name);
    return [...nodes, { ...standardNode('Concat', inputs, [output], attributes), name }];
  }

  /** A run of indices as a tensor of their own. */
  #part(
    filled: FilledTensor,
    { update, from, count }: Run,
  ): { readonly name: string; readonly nodes: readonly OnnxNode[] } | undefined {
    const { axis, root, sizes } = filled;
    if (update === null) {
      return count === sizes[axis] ? { name: root, nodes: [] } : this.#cut(root, axis, from, count);
    }
    const base = this.#base(filled, update);
    if (base === undefined || !base.isWithoutAxis) {
      return base === undefined || count === update.indices.length
        ? base && { name: base.name, nodes: [] }
        : this.#cut(base.name, axis, from, count);
    }
    const name = `${base.name}/at ${axis}`;
    const axes = { axes: { kind: 'ints', value: [axis] } } as const;
    return {
      name,
      nodes: [standardNode('Unsqueeze', [base.name], [name], axes)],
    };
  }

  /** Some indices of an axis of a value. */
  #cut(
    of: string,
    axis: number,
    from: number,
    count: number,
  ): { readonly name: string; readonly nodes: readonly OnnxNode[] } {
    const name = `${of}/from ${from} ${count} ${axis}`;
    const bounds = [from, from + count, axis].map((bound) => this.#whole([bound]));
    return { name, nodes: [standardNode('Slice', [of, ...bounds], [name])] };
  }

  /** Finds what was written as it was before its sizes were changed: of as many axes as the tensor, or without the one that is filled. */
  #base(
    { sizes, axis }: FilledTensor,
    { name, indices }: Update,
  ): { readonly name: string; readonly isWithoutAxis: boolean } | undefined {
    const whole = sizes.map((size, i) => (i === axis ? indices.length : size));
    const without = sizes.filter((_, i) => i !== axis);
    let found: { readonly name: string; readonly isWithoutAxis: boolean } | undefined;
    for (const own of namesBehind(name, this.#givers, isRenamed)) {
      const shape = this.#known.sizes(own);
      if (shape === undefined || product(shape) !== product(whole)) {
        break;
      }
      if (indices.length === 1 && isSameShape(shape, without)) {
        found = { name: own, isWithoutAxis: true };
      } else if (isSameShape(shape, whole)) {
        found = { name: own, isWithoutAxis: false };
      }
    }
    return found;
  }

  #whole(numbers: readonly number[]): string {
    const tensor = wholeTensor(numbers, [numbers.length]);
    this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  /** Returns whether a node that is added has not been added before. */
  #isNew({ outputs: [name = ''] }: OnnxNode): boolean {
    const isNew = !this.#given.has(name);
    this.#given.add(name);
    return isNew;
  }
}
