import { sourceKey, type StepOrder } from './step-sources.js';
import type { Term } from './term.js';

/** A term of the loop's body: what it is at each turn. */
export interface Role {
  /** Its term by the turn; undefined at turns that lack it. The first turn is found later. */
  readonly at: (Term | undefined)[];
}

/** An input of a role: of the same turn, of the turn before, or the same at each turn. */
export type RoleInput =
  | { readonly kind: 'now' | 'before'; readonly role: Role }
  | { readonly kind: 'same'; readonly term: Term }
  | { readonly kind: 'none' };

/**
 * The turn whose terms the body is made of. The first turn is another: it takes what the loop begins with, with which its
 * exporter may have computed.
 */
const pattern = 1;

/**
 * Finds the terms that are computed alike at each turn but the first, from each other and from those of the turn before.
 * What the last turn does not compute is found as well.
 */
export class Roles {
  readonly #order: StepOrder;
  readonly #byTerm = new Map<Term, Role>();
  readonly #roles = new Set<Role>();

  constructor(terms: readonly Term[], order: StepOrder) {
    this.#order = order;
    const again = new Map<Term, Term>();
    for (const role of alike(terms, order, again)) {
      this.#roles.add(role);
      for (const term of role.at) {
        if (term !== undefined) {
          this.#byTerm.set(term, role);
        }
      }
    }
    for (const [term, first] of again) {
      const role = this.#byTerm.get(first);
      if (role !== undefined) {
        this.#byTerm.set(term, role);
      }
    }
    for (let isStable = false; !isStable;) {
      isStable = true;
      for (const role of this.#roles) {
        isStable = this.#isKept(role) && isStable;
      }
    }
  }

  get all(): ReadonlySet<Role> {
    return this.#roles;
  }

  /** The role of a term of any turn but the first. */
  of(term: Term): Role | undefined {
    return this.#byTerm.get(term);
  }

  /** The term that the body computes a role by. */
  patternOf(role: Role): Term {
    const term = role.at[pattern];
    if (term === undefined) {
      throw new RangeError('a role has a term at each turn but the first and the last');
    }
    return term;
  }

  /** The inputs of a role; none where it is a step of the loop's source. */
  inputsOf(role: Role): RoleInput[] {
    const term = this.patternOf(role);
    if (this.#order.sourceOf(term) !== undefined) {
      return [];
    }
    const later = role.at[pattern + 1]?.from?.inputs ?? [];
    return (term.from?.inputs ?? []).map((input, i): RoleInput => {
      if (input === null) {
        return { kind: 'none' };
      }
      const turn = this.#order.turnOf(input);
      if (turn < 0) {
        return { kind: 'same', term: input };
      }
      // The term of the first turn has no role yet, but that of the turn behind it has.
      const other = later[i];
      const own =
        turn === pattern
          ? this.of(input)
          : other === null || other === undefined
            ? undefined
            : this.of(other);
      if (own === undefined) {
        throw new RangeError('every input of a role has one');
      }
      return { kind: turn === pattern ? 'now' : 'before', role: own };
    });
  }

  /** Drops a role, or what it is at the last turn, where its inputs are not alike at each turn. */
  #isKept(role: Role): boolean {
    const { turns } = this.#order;
    for (let turn = pattern + 1; turn < turns; turn += 1) {
      const [before, now] = [role.at[turn - 1], role.at[turn]];
      if (now === undefined || (before !== undefined && this.#isAlike(before, now, turn))) {
        continue;
      }
      if (turn === turns - 1) {
        this.#byTerm.delete(now);
        role.at[turn] = undefined;
        return false;
      }
      this.#drop(role);
      return false;
    }
    const first = this.patternOf(role);
    const isWhole =
      this.#order.sourceOf(first) !== undefined ||
      (first.from?.inputs ?? []).every((input) => {
        const turn = input === null ? -1 : this.#order.turnOf(input);
        return turn < pattern
          ? turn < 0 || role.at[pattern + 1] !== undefined
          : input !== null && this.of(input) !== undefined;
      });
    if (!isWhole) {
      this.#drop(role);
    }
    return isWhole;
  }

  #drop(role: Role): void {
    this.#roles.delete(role);
    for (const term of role.at) {
      if (term !== undefined) {
        this.#byTerm.delete(term);
      }
    }
  }

  #isAlike(before: Term, now: Term, turn: number): boolean {
    if (this.#order.sourceOf(now) !== undefined) {
      return true;
    }
    const earlier = before.from?.inputs ?? [];
    return (now.from?.inputs ?? []).every((input, i) => {
      const own = input === null ? -1 : this.#order.turnOf(input);
      if (input === null || own < 0) {
        return true;
      }
      const role = this.of(input);
      const other = earlier[i];
      const isSame =
        own - 1 < pattern || (other !== null && other !== undefined && this.of(other) === role);
      return role !== undefined && isSame && own >= turn - 1;
    });
  }
}

/**
 * Puts terms of all turns together that are computed by the same node from inputs of the same kinds.
 *
 * @param again is given each step that is picked a second time, by another number, and the term that it was first
 */
function alike(terms: readonly Term[], order: StepOrder, again: Map<Term, Term>): Role[] {
  const numbers = new Map<string, number>();
  const kinds = new Map<Term, number>();
  const turns = new Map<number, Term[][]>();
  for (const term of terms) {
    const turn = order.turnOf(term);
    if (turn < pattern) {
      continue;
    }
    const key = keyOf(term, turn, order, kinds);
    const kind = numbers.get(key) ?? numbers.size;
    numbers.set(key, kind);
    kinds.set(term, kind);
    const found = turns.get(kind) ?? Array.from({ length: order.turns }, () => []);
    const [first] = found[turn] ?? [];
    if (first !== undefined && order.sourceOf(term) !== undefined) {
      again.set(term, first);
    } else {
      found[turn]?.push(term);
    }
    turns.set(kind, found);
  }
  return [...turns.values()].flatMap((found) => {
    const count = found[pattern]?.length ?? 0;
    const isWhole = found.slice(pattern, -1).every((own) => own.length === count);
    const isAtLast = found.at(-1)?.length === count;
    return isWhole
      ? Array.from({ length: count }, (_, i): Role => ({
          at: found.map((own, turn) => (turn < order.turns - 1 || isAtLast ? own[i] : undefined)),
        }))
      : [];
  });
}

function keyOf(
  term: Term,
  turn: number,
  order: StepOrder,
  kinds: ReadonlyMap<Term, number>,
): string {
  const { from, output, pick } = term;
  const source = order.sourceOf(term);
  if (source !== undefined) {
    return `step ${sourceKey(source)} ${pick?.isKept ?? false}`;
  }
  const inputs = (from?.inputs ?? []).map((input) => {
    const own = input === null ? -1 : order.turnOf(input);
    return input === null
      ? '_'
      : own < 0
        ? `same ${input.id}`
        : own === turn
          ? `now ${kinds.get(input) ?? -1}`
          : `before ${turn - own}`;
  });
  return `${from?.key ?? ''}.${output} ${inputs.join(' ')}`;
}
