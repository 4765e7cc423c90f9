import type { Role, Roles } from './roles.js';
import { indexOf, type StepOrder } from './step-sources.js';
import type { Term } from './term.js';

/** Holds what a loop begins with: for each role that is carried its value before the first turn. */
export class LoopStart {
  readonly #roles: Roles;
  readonly #order: StepOrder;
  /** The terms of the first turn. */
  readonly #first = new Map<Role, Term>();
  readonly #before = new Map<Role, Term>();

  constructor(roles: Roles, order: StepOrder) {
    this.#roles = roles;
    this.#order = order;
  }

  /** The term of a role at the first turn, where it was matched. */
  firstOf(role: Role): Term | undefined {
    return this.#first.get(role);
  }

  get firsts(): ReadonlyMap<Role, Term> {
    return this.#first;
  }

  /** Returns the value of a carried role before the first turn. */
  beforeOf(role: Role): Term | undefined {
    return this.#before.get(role);
  }

  /**
   * Matches a role with the term that it is at the first turn, and all that it is computed from.
   *
   * @returns false where they are not computed alike
   */
  match(role: Role, term: Term): boolean {
    const known = this.#first.get(role);
    if (known !== undefined) {
      return known === term;
    }
    const pattern = this.#roles.patternOf(role);
    const source = this.#order.sourceOf(pattern);
    if (source !== undefined) {
      const { pick } = term;
      const isFirst =
        pick !== null &&
        this.#order.sourceOf(term) === source &&
        pick.isKept === pattern.pick?.isKept &&
        indexOf(pick, source.count) !== undefined &&
        this.#order.turnOf(term) === 0;
      if (isFirst) {
        this.#first.set(role, term);
      }
      return isFirst;
    }
    const isOneNode =
      term.from !== null &&
      term.from.key === pattern.from?.key &&
      term.output === pattern.output &&
      term.from.inputs.length === pattern.from.inputs.length;
    if (!isOneNode) {
      return false;
    }
    this.#first.set(role, term);
    const isMatched = this.#roles.inputsOf(role).every((input, i) => {
      const own = term.from?.inputs[i];
      switch (input.kind) {
        case 'none':
          return own === null;
        case 'same':
          return own === input.term;
        case 'now':
          return own !== null && own !== undefined && this.match(input.role, own);
        case 'before':
          return own !== null && own !== undefined && this.begin(input.role, own);
      }
    });
    if (!isMatched) {
      this.#first.delete(role);
    }
    return isMatched;
  }

  /**
   * Notes what a role is before the first turn.
   *
   * @returns false where it is something else already
   */
  begin(role: Role, term: Term): boolean {
    const known = this.#before.get(role);
    if (known === undefined) {
      this.#before.set(role, term);
    }
    return known === undefined || known === term;
  }
}
