import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { OnnxFunction, OnnxNode } from '../../source/onnx-source.js';
import type { HalfType } from '../../plan/half-precision.js';
import type { LayerSummary } from '../../plan/stream-plan.js';
import { product } from '../shape.js';
import { callKey, checkBuiltNodes, checkCall, resolved } from './called-function.js';
import { give, giveAll } from './given-outputs.js';
import { halfTypeOf, isComputing, withHalfType } from './half-types.js';
import { layerSummary } from './layer-summary.js';
import { liveNodes, outerNames } from './live-nodes.js';
import { NodeAttributes } from './node-attributes.js';
import { NodeContext, type GraphTerms } from './node-context.js';
import { loopOf } from './loops/loop.js';
import { scanOf } from './loops/scan.js';
import { joinSteps, writtenLoopOf } from './loops/written-loop.js';
import { wrongCount } from './operators/input-counts.js';
import { operatorOf, refusalOf } from './registry.js';
import { Scope } from './scope.js';
import type { RunStep } from './loops/recurrence.js';
import { classScores } from './operators/class-scores.js';
import type { Operator } from './operators/operator.js';
import { tellsSteps } from './tells-steps.js';
import { sizesOf, type Value } from './values/value.js';

/** Functions within functions, and graphs within graphs, that are followed. */
const maxDepth = 32;

/** Holds what a walk and those within it have in common. */
interface WalkProgress {
  readonly summaries: LayerSummary[];
  /** Names that nodes have, and how many more have been made of each. */
  readonly names: Map<string, number>;
  readonly counts: { built: number; folded: number };
  /** Layers that the file computes in 16 bits, by name. */
  readonly halves: Map<string, HalfType>;
}

/** Builds the nodes that the outputs of a graph hang on, in the order of the file. */
export class GraphWalk {
  readonly #terms: GraphTerms;
  readonly #functions: ReadonlyMap<string, OnnxFunction>;
  readonly #progress: WalkProgress;

  constructor(
    terms: GraphTerms,
    functions: ReadonlyMap<string, OnnxFunction>,
    progress: WalkProgress = {
      summaries: [],
      names: new Map(),
      counts: { built: 0, folded: 0 },
      halves: new Map(),
    },
  ) {
    this.#terms = terms;
    this.#functions = functions;
    this.#progress = progress;
  }

  get summaries(): readonly LayerSummary[] {
    return this.#progress.summaries;
  }

  /** Layers that the file computes in 16 bits. */
  get halves(): ReadonlyMap<string, HalfType> {
    return this.#progress.halves;
  }

  /** Nodes that were computed as the model was loaded. */
  get folded(): number {
    return this.#progress.counts.folded;
  }

  /** A walk within a step of this one, whose values have no time. */
  #stepWalk(progress: WalkProgress): GraphWalk {
    return new GraphWalk({ ...this.#terms, isOneStep: true }, this.#functions, progress);
  }

  /** Builds nodes within a step: those of every turn of a loop are the layers of its first. */
  #stepRun(): RunStep {
    const { summaries, names, counts } = this.#progress;
    const [first, own] = [summaries.length, new Map(names)];
    return (nodes, wanted, inner, turn = 0) => {
      const known = { summaries: summaries.slice(0, first), names: new Map(own) };
      const again = { ...known, counts, halves: new Map<string, HalfType>() };
      const { folded } = counts;
      this.#stepWalk(turn === 0 ? this.#progress : again).run(nodes, wanted, inner);
      if (turn > 0) {
        counts.folded = folded;
      }
    };
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
    const live = liveNodes(nodes, wanted);
    this.#progress.counts.built += live.length;
    checkBuiltNodes(this.#progress.counts.built);
    const taken = new Set([
      ...wanted,
      ...live.flatMap((node) => [...node.inputs, ...outerNames(node)]),
    ]);
    for (const node of live) {
      this.#node(node, taken, scope, attributes);
    }
  }

  #node(
    node: OnnxNode,
    taken: ReadonlySet<string>,
    scope: Scope,
    callAttributes: OnnxNode['attributes'],
  ): void {
    const attributes = resolved(node.attributes, callAttributes);
    const name = printableName(
      node.name === '' ? (node.outputs.find((one) => one !== '') ?? '') : node.name,
    );
    const label = `node "${name}" (${printableName(node.operator)})`;
    if (scope.depth > maxDepth) {
      throw new LstmdError(
        'model.refused',
        `${label}: the functions and graphs that it stands in are more than ${maxDepth} deep`,
      );
    }
    const inputs = node.inputs.map((input) => this.#input(input, scope, label));
    const called = this.#functions.get(callKey(node));
    const options = new NodeAttributes(label, attributes);
    if (called !== undefined) {
      this.#call(called, node, inputs, options, scope, attributes);
      return;
    }
    if (node.operator === 'If' && node.domain === '') {
      this.#branch(node, inputs[0], options, scope);
      return;
    }
    const build = node.domain === '' ? this.#operatorOf(node, scope) : undefined;
    if (build === undefined) {
      throw options.refused(refusalOf(printableName(node.operator), printableName(node.domain)));
    }
    const wrong = wrongCount(node.operator, node.inputs.length);
    if (wrong !== undefined) {
      throw options.malformed(wrong);
    }
    const context = new NodeContext(this.#terms, {
      name: this.#unique(name),
      className: node.operator,
      options,
      inputs,
      outputs: node.outputs.map((output) => (taken.has(output) ? output : '')),
    });
    this.#terms.builder.beginLayer(this.#progress.summaries.length);
    const outputs = build(context);
    const isOfSteps = inputs.some((input) => tellsSteps(this.#terms, node, input));
    options.finish();
    const half = halfTypeOf({ ...node, attributes }, inputs);
    for (const [i, output] of node.outputs.entries()) {
      const made = outputs[i];
      if (made === undefined) {
        scope.lack(output, options.refused(`its output ${i} is not supported`));
      }
      if (made === undefined || output === '') {
        continue;
      }
      const value = node.operator === 'Constant' ? made : withHalfType(made, half);
      if (value.kind === 'stream' && product(sizesOf(value)) === 0) {
        throw options.refused('what it gives has no number in it');
      }
      give(
        scope,
        options,
        output,
        isOfSteps && value.kind === 'constant' ? { ...value, isOfSteps } : value,
      );
    }
    if (half !== undefined && context.streaming !== undefined && isComputing(node.operator)) {
      this.#progress.halves.set(context.name, half);
    }
    if (node.isAdded !== true || node.name !== '') {
      this.#summarize(
        context,
        outputs.find((value) => value !== undefined),
      );
    }
  }

  /** The builder of an operator; of one that runs a graph at each step it has the graph's scope. */
  #operatorOf(node: OnnxNode, scope: Scope): Operator | undefined {
    switch (node.operator) {
      case 'Loop':
        return loopOf(scope, { step: this.#stepRun(), around: this.run.bind(this) });
      case 'Scan':
        return scanOf(scope, this.#stepRun());
      case 'WrittenLoop':
        return writtenLoopOf(scope, this.#stepRun());
      case 'JoinSteps':
        return joinSteps;
      case 'ArgMax': {
        const isScored = this.#terms.classNodes.get(node);
        return isScored === undefined ? undefined : classScores(isScored);
      }
      default:
        return operatorOf(node.operator);
    }
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
        `${label}: nothing before it gives its input "${printableName(name)}"`,
      );
    }
    return value;
  }

  /** A name that no node before has had. */
  #unique(name: string): string {
    const { names } = this.#progress;
    let count = names.get(name) ?? 0;
    let own = name;
    while (names.has(own)) {
      count += 1;
      own = `${name}_${count}`;
    }
    names.set(name, count);
    names.set(own, 0);
    return own;
  }

  #call(
    called: OnnxFunction,
    node: OnnxNode,
    inputs: readonly (Value | undefined)[],
    options: NodeAttributes,
    scope: Scope,
    attributes: OnnxNode['attributes'],
  ): void {
    checkCall(node, called);
    const inner = new Scope(null, scope.depth + 1);
    for (const [i, name] of called.inputs.entries()) {
      const value = inputs[i];
      if (value !== undefined) {
        inner.set(name, value);
      }
    }
    this.run(called.nodes, called.outputs, inner, new Map([...called.attributes, ...attributes]));
    giveAll(scope, options, node, inner, called.outputs);
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
    if (condition.data.length !== 1) {
      throw options.malformed(`its condition is ${condition.data.length} numbers, and not one`);
    }
    const graph = options.graph(condition.data[0] === 0 ? 'else_branch' : 'then_branch');
    const inner = scope.inner();
    inner.declare(graph.initializers);
    const names = graph.outputs.map((output) => output.name);
    this.run(graph.nodes, names, inner);
    giveAll(scope, options, node, inner, names);
  }

  #summarize(context: NodeContext, output: Value | undefined): void {
    if (context.streaming === undefined || output === undefined || output.kind === 'constant') {
      this.#progress.counts.folded += 1;
      return;
    }
    this.#progress.summaries.push(
      layerSummary(context, context.streaming, output.axes, this.#terms.isTimeKnown),
    );
  }
}
