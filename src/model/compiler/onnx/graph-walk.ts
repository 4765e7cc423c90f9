import { LstmdError } from '../../../base/errors.js';
import { printableText } from '../../../base/printable-text.js';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxNode,
  OnnxTensor,
} from '../../source/onnx-source.js';
import type { LayerSummary } from '../../plan/stream-plan.js';
import { product } from '../shape.js';
import { NodeAttributes } from './node-attributes.js';
import { NodeContext, type GraphTerms } from './node-context.js';
import { constantFrom } from './operators/constants.js';
import { operatorOf, refusalOf } from './registry.js';
import type { Value } from './values/value.js';

/** Functions within functions, and graphs within graphs, that are followed. */
const maxDepth = 32;

/** Nodes that are built, those of functions each time that they are called. */
const maxNodes = 100_000;

/** The values of one graph or function, by name, and those of the graphs around it. */
export class Scope {
  readonly #values = new Map<string, Value>();
  readonly #outer: Scope | null;
  readonly depth: number;

  constructor(outer: Scope | null = null, depth = 0) {
    this.#outer = outer;
    this.depth = depth;
  }

  get(name: string): Value | undefined {
    return this.#values.get(name) ?? this.#outer?.get(name);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  declare(initializers: ReadonlyMap<string, OnnxTensor>): void {
    for (const [name, tensor] of initializers) {
      if (tensor.data === null) {
        this.#unread.set(name, tensor);
      } else {
        this.#values.set(name, constantFrom(tensor));
      }
    }
  }

  readonly #unread = new Map<string, OnnxTensor>();

  /** @throws LstmdError `model.refused` for a tensor of a type that is not read */
  checkRead(name: string): void {
    const tensor = this.#unread.get(name);
    if (tensor !== undefined) {
      constantFrom(tensor);
    }
    this.#outer?.checkRead(name);
  }
}

/** Builds the nodes that the outputs of a graph hang on, in the order of the file. */
export class GraphWalk {
  readonly #terms: GraphTerms;
  readonly #functions: ReadonlyMap<string, OnnxFunction>;
  readonly #summaries: LayerSummary[] = [];
  readonly #names = new Set<string>();
  #nodes = 0;
  #folded = 0;

  constructor(terms: GraphTerms, functions: readonly OnnxFunction[]) {
    this.#terms = terms;
    this.#functions = new Map(functions.map((one) => [`${one.domain}:${one.name}`, one]));
  }

  get summaries(): readonly LayerSummary[] {
    return this.#summaries;
  }

  /** Nodes that were computed as the model was loaded. */
  get folded(): number {
    return this.#folded;
  }

  /**
   * Builds nodes.
   *
   * @param wanted names of the values that are asked for
   * @param attributes of the call, where the nodes are a function's
   */
  run(
    nodes: readonly OnnxNode[],
    wanted: readonly string[],
    scope: Scope,
    attributes: OnnxNode['attributes'] = new Map(),
  ): void {
    if (scope.depth > maxDepth) {
      throw new LstmdError(
        'model.refused',
        `its functions and graphs are more than ${maxDepth} deep`,
      );
    }
    for (const node of liveNodes(nodes, wanted)) {
      this.#nodes += 1;
      if (this.#nodes > maxNodes) {
        throw new LstmdError('model.refused', `it has more than ${maxNodes} nodes`);
      }
      this.#node(node, scope, attributes);
    }
  }

  #node(node: OnnxNode, scope: Scope, callAttributes: OnnxNode['attributes']): void {
    const attributes = resolved(node.attributes, callAttributes);
    const name = printableText(
      node.name === '' ? (node.outputs.find((one) => one !== '') ?? '') : node.name,
    );
    const label = `node "${name}" (${printableText(node.operator)})`;
    const inputs = node.inputs.map((input) => this.#input(input, scope, label));
    const called = this.#functions.get(`${node.domain}:${node.operator}`);
    if (called !== undefined) {
      this.#call(called, node, inputs, attributes, scope);
      return;
    }
    const options = new NodeAttributes(label, attributes);
    if (node.operator === 'If' && node.domain === '') {
      this.#branch(node, inputs[0], options, scope);
      return;
    }
    const build = node.domain === '' ? operatorOf(node.operator) : undefined;
    if (build === undefined) {
      throw options.refused(refusalOf(node.operator, printableText(node.domain)));
    }
    const context = new NodeContext(this.#terms, {
      name: this.#unique(name),
      className: node.operator,
      options,
      inputs,
      outputs: node.outputs,
    });
    this.#terms.builder.beginLayer(this.#summaries.length);
    const outputs = build(context);
    options.finish();
    for (const [i, output] of node.outputs.entries()) {
      const value = outputs[i];
      if (value !== undefined) {
        scope.set(output, value);
      }
    }
    this.#summarize(context, outputs[0]);
  }

  #input(name: string, scope: Scope, label: string): Value | undefined {
    if (name === '') {
      return undefined;
    }
    const value = scope.get(name);
    if (value === undefined) {
      scope.checkRead(name);
      throw new LstmdError(
        'model.malformed',
        `${label}: nothing before it gives its input "${printableText(name)}"`,
      );
    }
    return value;
  }

  /** A name that no node before has had. */
  #unique(name: string): string {
    let own = name;
    for (let i = 1; this.#names.has(own); i += 1) {
      own = `${name}_${i}`;
    }
    this.#names.add(own);
    return own;
  }

  #call(
    called: OnnxFunction,
    node: OnnxNode,
    inputs: readonly (Value | undefined)[],
    attributes: OnnxNode['attributes'],
    scope: Scope,
  ): void {
    const inner = new Scope(null, scope.depth + 1);
    for (const [i, name] of called.inputs.entries()) {
      const value = inputs[i];
      if (value !== undefined) {
        inner.set(name, value);
      }
    }
    this.run(called.nodes, called.outputs, inner, new Map([...called.attributes, ...attributes]));
    for (const [i, name] of called.outputs.entries()) {
      const value = inner.get(name);
      const output = node.outputs[i];
      if (value !== undefined && output !== undefined) {
        scope.set(output, value);
      }
    }
  }

  /** An `If` whose condition is known is the branch that it takes. */
  #branch(
    node: OnnxNode,
    condition: Value | undefined,
    options: NodeAttributes,
    scope: Scope,
  ): void {
    if (condition?.kind !== 'constant') {
      throw options.refused('a condition that hangs on the samples is not supported');
    }
    const graph = options.graph(condition.data[0] === 0 ? 'else_branch' : 'then_branch');
    const inner = new Scope(scope, scope.depth + 1);
    inner.declare(graph.initializers);
    const names = graph.outputs.map((output) => output.name);
    this.run(graph.nodes, names, inner);
    for (const [i, name] of names.entries()) {
      const value = inner.get(name);
      const output = node.outputs[i];
      if (value !== undefined && output !== undefined) {
        scope.set(output, value);
      }
    }
  }

  #summarize(context: NodeContext, output: Value | undefined): void {
    if (context.streaming === undefined || output === undefined || output.kind === 'constant') {
      this.#folded += 1;
      return;
    }
    const { weights } = context;
    this.#summaries.push({
      name: context.name,
      className: context.className,
      outputShape: output.axes
        .filter(({ kind }) => kind !== 'batch')
        .map(({ size, kind }) => (kind === 'time' && !this.#terms.isTimeKnown ? null : size)),
      parameters: weights.reduce((sum, { shape }) => sum + product(shape), 0),
      weights,
      streaming: context.streaming,
    });
  }
}

/** Attributes with those of the function's call in the place of references to them. */
function resolved(
  attributes: OnnxNode['attributes'],
  call: OnnxNode['attributes'],
): OnnxNode['attributes'] {
  const known = new Map<string, OnnxAttribute>();
  for (const [key, attribute] of attributes) {
    const value = attribute.kind === 'reference' ? call.get(attribute.value) : attribute;
    if (value !== undefined) {
      known.set(key, value);
    }
  }
  return known;
}

/** The nodes that the wanted values hang on, in the order of the file. */
function liveNodes(nodes: readonly OnnxNode[], wanted: readonly string[]): OnnxNode[] {
  const names = new Set(wanted);
  const live: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((output) => output !== '' && names.has(output))) {
      live.push(node);
      for (const input of [...node.inputs, ...outerNames(node)]) {
        names.add(input);
      }
    }
  }
  return live.toReversed();
}

/** Names that the graphs in a node's attributes may take from around it. */
function outerNames(node: OnnxNode): string[] {
  const names: string[] = [];
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'graph') {
      names.push(...attribute.value.outputs.map(({ name }) => name));
      for (const inner of attribute.value.nodes) {
        names.push(...inner.inputs, ...outerNames(inner));
      }
    }
  }
  return names;
}
