import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
} from '../../../source/onnx-source.js';
import { withoutWrittenCells } from '../cells/written-cells.js';
import { standardNode, wholeTensor } from '../standard-node.js';
import type { FoundLoop } from './found-loop.js';
import { inOrder } from '../in-order.js';
import { LoopBody } from './loop-body.js';
import { numberOf } from '../attribute-number.js';
import { wholesOf } from './attribute-numbers.js';
import type { Role } from './roles.js';
import type { Term } from './term.js';
import type { GraphTerms } from './terms.js';

/** The roles of a loop that hang on its states: a loop of the other direction may take the others as well. */
function hangingRoles({ roles, body }: FoundLoop): Set<Role> {
  const hanging = new Set<Role>();
  for (const role of roles.all) {
    const hangs = roles
      .inputsOf(role)
      .some((one) => one.kind === 'before' || (one.kind === 'now' && hanging.has(one.role)));
    if (hangs && body.has(role)) {
      hanging.add(role);
    }
  }
  return hanging;
}

/** Puts one node in the place of a loop that was written out. */
export class RolledGraph {
  readonly #graph: OnnxGraph;
  readonly #terms: GraphTerms;
  readonly #loop: FoundLoop;
  readonly #name: string;
  readonly #initializers: Map<string, OnnxTensor>;
  /** The turn of each term of the body, and its role. */
  readonly #places = new Map<Term, { readonly role: Role; readonly turn: number }>();
  /** Roles that are made of the samples alone stay around the loop as well. */
  readonly #hanging: ReadonlySet<Role>;
  /** Roles whose steps the graph around the loop takes. */
  readonly #outputs = new Map<Role, string>();
  readonly #added: OnnxNode[] = [];
  readonly #given = new Set<string>();

  constructor(graph: OnnxGraph, terms: GraphTerms, loop: FoundLoop) {
    this.#graph = graph;
    this.#terms = terms;
    this.#loop = loop;
    this.#initializers = new Map(graph.initializers);
    this.#hanging = hangingRoles(loop);
    for (const role of loop.body) {
      for (const [turn, term] of role.at.entries()) {
        if (term !== undefined) {
          this.#places.set(term, { role, turn });
        }
      }
      const first = loop.firsts.get(role);
      if (first !== undefined) {
        this.#places.set(first, { role, turn: 0 });
      }
    }
    const [state] = loop.states.keys();
    const node = state && loop.roles.patternOf(state).from?.node;
    this.#name = node?.name === '' ? (node.outputs[0] ?? '') : (node?.name ?? '');
  }

  build(): OnnxGraph {
    const loop = this.#loop;
    const around = this.#graph.nodes.filter(
      ({ outputs }) => !outputs.every((name) => name === '' || this.#isBody(name)),
    );
    const nodes = around.map((node) => this.#around(node));
    for (const { name } of this.#graph.outputs) {
      const outer = this.#outerName(name);
      if (outer !== name) {
        this.#added.push(standardNode('Identity', [outer], [name]));
      }
    }
    const body = new LoopBody(loop);
    const outputs = [...this.#outputs.keys()];
    const graph = body.graphOf(outputs);
    const states = [...loop.states];
    for (const [, { name, tensor }] of states) {
      if (tensor !== null && !this.#terms.has(name)) {
        this.#initializers.set(name, tensor);
      }
    }
    const sources = body.sources.map(({ of, axis }) => this.#source(of.name, axis));
    const turns = loop.order.turns - loop.firstTurn;
    const whole: OnnxNode = {
      ...standardNode(
        'WrittenLoop',
        [...states.map(([, term]) => this.#outerName(term.name)), ...sources],
        [
          ...states.map(([role]) => this.#last(role)),
          ...outputs.map((role) => this.#outputs.get(role) ?? ''),
        ],
        {
          body: { kind: 'graph', value: graph },
          states: { kind: 'int', value: states.length },
          turns: { kind: 'int', value: turns },
          axes: { kind: 'ints', value: body.sources.map(({ axis }) => axis) },
          reverse: { kind: 'int', value: loop.isReverse ? 1 : 0 },
          ...this.#cellsOf(graph, states.length),
        },
      ),
      name: this.#name,
    };
    return {
      ...this.#graph,
      initializers: this.#initializers,
      nodes: inOrder([...nodes, whole, ...this.#added]),
    };
  }

  /** The body with operators in the place of its cells, where every one of them has states of the loop. */
  #cellsOf(body: OnnxGraph, states: number): Record<string, OnnxAttribute> {
    const initializers = new Map(this.#graph.initializers);
    for (const { name, tensor } of this.#terms.terms) {
      if (tensor !== null) {
        initializers.set(name, tensor);
      }
    }
    const { graph, cells } = withoutWrittenCells({ ...body, initializers });
    const before = body.inputs.slice(0, states).map(({ name }) => name);
    const after = body.outputs.slice(0, states).map(({ name }) => name);
    const isOwn = cells.every((cell) =>
      cell.before.every((name, i) => {
        const state = before.indexOf(name);
        return state >= 0 && after[state] === cell.after[i];
      }),
    );
    const held = new Set(cells.flatMap((cell) => cell.before));
    const added = [...graph.initializers].filter(([name]) => !initializers.has(name));
    return cells.length === 0 || !isOwn
      ? {}
      : {
          cells: { kind: 'graph', value: { ...graph, initializers: new Map(added) } },
          held: { kind: 'ints', value: before.map((name) => (held.has(name) ? 1 : 0)) },
        };
  }

  #isBody(name: string): boolean {
    const term = this.#terms.get(name);
    const place = term && this.#places.get(term);
    return place !== undefined && this.#hanging.has(place.role);
  }

  #isStep(term: Term): boolean {
    return this.#loop.order.sourceOf(term) !== undefined;
  }

  /** A node around the loop, with what it takes from the loop. */
  #around(node: OnnxNode): OnnxNode {
    if (node.operator === 'Concat' && node.domain === '') {
      const whole = this.#wholeOf(node);
      if (whole !== undefined) {
        return whole;
      }
    }
    const shaped = node.operator === 'Shape' ? this.#terms.get(node.inputs[0] ?? '') : undefined;
    if (shaped !== undefined && shaped.pick !== null && this.#isStep(shaped)) {
      return { ...node, inputs: [this.#lastStep(shaped)] };
    }
    return { ...node, inputs: node.inputs.map((name) => this.#outerName(name)) };
  }

  /** The last step of a source, which has the shape of every other. */
  #lastStep({ pick }: Term): string {
    const { of, axis, isKept } = pick ?? { of: { name: '' }, axis: 0, isKept: false };
    const name = `${of.name}/last ${axis} ${isKept}`;
    this.#give(name, () => [
      standardNode('Gather', [of.name, this.#whole([-1], isKept ? [1] : [])], [name], {
        axis: { kind: 'int', value: axis },
      }),
    ]);
    return name;
  }

  /** Names the values with which the loop begins at its second turn, where the first is another. */
  #source(name: string, axis: number): string {
    if (this.#loop.firstTurn === 0) {
      return name;
    }
    const later = `${name}/later ${axis}`;
    const bounds = this.#loop.isReverse ? [0, -1] : [1, 2 ** 31 - 1];
    this.#give(later, () => [
      standardNode(
        'Slice',
        [name, ...[...bounds, axis].map((bound) => this.#whole([bound], [1]))],
        [later],
      ),
    ]);
    return later;
  }

  /** The name of a value in the graph around the loop. */
  #outerName(name: string): string {
    const term = this.#terms.get(name);
    const place = term === undefined ? undefined : this.#places.get(term);
    if (term === undefined || place === undefined || !this.#hanging.has(place.role)) {
      return name;
    }
    const { role, turn } = place;
    const { order, states } = this.#loop;
    const isLast = turn === order.turns - 1;
    if (isLast && states.has(role)) {
      return this.#last(role);
    }
    const picked = `${term.name}/picked`;
    const steps = this.#steps(role);
    const index = this.#index(turn);
    const isEnd = index === order.turns - this.#loop.firstTurn - 1;
    this.#give(picked, () => [
      standardNode('Gather', [steps, this.#whole([isEnd ? -1 : index], [])], [picked], {
        axis: { kind: 'int', value: 0 },
      }),
    ]);
    return picked;
  }

  /** The index of a turn along the steps that the loop gives. */
  #index(turn: number): number {
    const { order, isReverse, firstTurn } = this.#loop;
    return isReverse ? order.turns - 1 - turn : turn - firstTurn;
  }

  #last(role: Role): string {
    return `${this.#loop.roles.patternOf(role).name}/last`;
  }

  /** The steps of a role, which are its first axis. */
  #steps(role: Role): string {
    const known = this.#outputs.get(role);
    const name = known ?? `${this.#loop.roles.patternOf(role).name}/steps`;
    this.#outputs.set(role, name);
    return name;
  }

  /** A Concat of all steps of a role, in their order; undefined for any other. */
  #wholeOf(node: OnnxNode): OnnxNode | undefined {
    const { order, firstTurn, roles } = this.#loop;
    const places = node.inputs.map((name) => {
      const term = this.#terms.get(name);
      return term && this.#places.get(term);
    });
    const role = places[0]?.role;
    const isWhole =
      role !== undefined &&
      places.length === order.turns - firstTurn &&
      places.every((place, i) => place?.role === role && this.#index(place.turn) === i);
    if (!isWhole) {
      return undefined;
    }
    const axis = numberOf(node, 'axis') ?? 0;
    const { from } = roles.patternOf(role);
    const axes = from?.node.operator === 'Unsqueeze' ? wholesOf(from, 'axes', 1) : undefined;
    const [input] = roles.inputsOf(role);
    const isStacked = axes?.length === 1 && axes[0] === axis && input?.kind === 'now';
    return {
      ...standardNode('JoinSteps', [this.#steps(isStacked ? input.role : role)], node.outputs, {
        axis: { kind: 'int', value: axis },
        merges: { kind: 'int', value: isStacked ? 0 : 1 },
      }),
      name: node.name,
    };
  }

  /** The name of an initialiser of whole numbers. */
  #whole(numbers: readonly number[], shape: readonly number[]): string {
    const tensor = wholeTensor(numbers, shape);
    this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  #give(name: string, nodes: () => readonly OnnxNode[]): void {
    if (!this.#given.has(name)) {
      this.#given.add(name);
      this.#added.push(...nodes());
    }
  }
}
