import { printableName } from '../../../../base/printable-text.js';
import type { OnnxGraph, OnnxNode } from '../../../source/onnx-source.js';
import { fileTensor, giversOf, sourceOf } from '../givers.js';
import { outerNames } from '../live-nodes.js';
import type { NodeContext } from '../node-context.js';
import type { Scope } from '../scope.js';
import { constantOf, type Value } from '../values/value.js';

/** Operators behind which a number is the same number. */
const passing: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
]);

/** A value that a loop carries from turn to turn. */
export interface Carried {
  readonly before: string;
  readonly after: string;
  readonly initial: Value;
}

/** The names of a loop's body. */
export class LoopBody {
  readonly graph: OnnxGraph;
  readonly carried: readonly Carried[];
  readonly condition: string;
  readonly outputs: readonly string[];
  readonly #conditionBefore: string;
  readonly #givers: ReadonlyMap<string, OnnxNode>;
  readonly #counters = new Set<string>();

  /**
   * @param scope has the body's initialisers
   * @throws LstmdError `model.malformed` for a value that nothing begins or gives
   */
  constructor(node: NodeContext, scope: Scope) {
    this.graph = node.options.graph('body');
    const [turn = '', conditionBefore = '', ...before] = this.graph.inputs.map(({ name }) => name);
    const [condition = '', ...after] = this.graph.outputs.map(({ name }) => name);
    this.#conditionBefore = conditionBefore;
    this.condition = condition;
    this.#givers = giversOf(this.graph.nodes);
    this.carried = before.map((name, i): Carried => {
      const initial = node.inputs[2 + i];
      const out = after[i];
      if (initial === undefined || out === undefined) {
        throw node.options.malformed(
          `its body carries "${printableName(name)}", which nothing begins or gives`,
        );
      }
      return { before: name, after: out, initial };
    });
    this.outputs = after.slice(this.carried.length);
    this.#counters.add(turn);
    for (const one of this.carried) {
      if (this.#countsFromZero(one, scope)) {
        this.#counters.add(one.before);
      }
    }
  }

  /** Returns whether a value holds the number of the turn. */
  isCounted(name: string): boolean {
    return this.#counters.has(this.source(name));
  }

  /** Returns whether a name is one that holds the number of the turn, or whether it goes on. */
  isTurn(name: string): boolean {
    return this.#counters.has(name) || (name !== '' && name === this.#conditionBefore);
  }

  /** Returns whether a value is carried and holds the number of the turn. */
  isCounter({ before }: Carried): boolean {
    return this.#counters.has(before);
  }

  /** Returns whether a value is carried as it began. */
  isConstant({ before, after }: Carried): boolean {
    return !this.#counters.has(before) && this.source(after) === before;
  }

  /** Returns whether a value is computed from the number of the turn, and from nothing else that a turn changes. */
  hangsOnTurnAlone(name: string): boolean {
    const begins = this.#beginsOf(name);
    return begins.size > 0 && [...begins].every((begin) => this.#counters.has(begin));
  }

  /** Returns whether a value is computed from one that is carried and is another at each turn, but for its number. */
  hangsOnStates(name: string): boolean {
    const begins = this.#beginsOf(name);
    return this.carried.some(
      (one) => begins.has(one.before) && !this.isCounter(one) && !this.isConstant(one),
    );
  }

  /** Finds what the body is given that a value is computed from. */
  #beginsOf(name: string): Set<string> {
    const given = new Set(this.graph.inputs.map((input) => input.name));
    const begins = new Set<string>();
    const open = [name];
    const seen = new Set(open);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (given.has(at)) {
        begins.add(at);
      }
      const giver = this.#givers.get(at);
      for (const input of giver === undefined ? [] : [...giver.inputs, ...outerNames(giver)]) {
        if (!seen.has(input)) {
          seen.add(input);
          open.push(input);
        }
      }
    }
    return begins;
  }

  /** Gives the names of a turn their numbers: those of the turns before went on. */
  setTurn(scope: Scope, turn: number): void {
    for (const counter of this.#counters) {
      scope.set(counter, constantOf('whole', [], [turn]));
    }
    if (this.#conditionBefore !== '') {
      scope.set(this.#conditionBefore, constantOf('whole', [], [1]));
    }
  }

  /** Returns whether every turn goes on, because none computes it. */
  get goesOnAlways(): boolean {
    return this.source(this.condition) === this.#conditionBefore;
  }

  /** The value that a value is, behind nodes that pass it on. */
  source(name: string): string {
    return sourceOf(
      name,
      this.#givers,
      ({ operator, domain }) => passing.has(operator) && domain === '',
    );
  }

  /** Returns whether it begins with 0, and each turn adds 1. */
  #countsFromZero({ before, after, initial }: Carried, scope: Scope): boolean {
    const giver = this.#givers.get(this.source(after));
    const [a = '', b = ''] = giver?.inputs ?? [];
    const isCounted =
      giver?.operator === 'Add' &&
      ((this.source(a) === before && this.#isOne(b, scope)) ||
        (this.source(b) === before && this.#isOne(a, scope)));
    return isCounted && initial.kind === 'constant' && initial.data.every((x: number) => x === 0);
  }

  #isOne(name: string, scope: Scope): boolean {
    const at = this.source(name);
    const known = scope.get(at);
    const data =
      known?.kind === 'constant' ? known.data : fileTensor(at, this.graph, this.#givers)?.data;
    return data?.length === 1 && data[0] === 1;
  }
}
