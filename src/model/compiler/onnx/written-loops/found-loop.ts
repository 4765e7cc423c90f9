import { isSameStart, zerosBehind } from './folded-start.js';
import { LoopStart } from './loop-start.js';
import { Roles, type Role } from './roles.js';
import { StepOrder, type StepSource } from './step-sources.js';
import type { Term } from './term.js';

/** A loop that was written out: the same body at each turn, with values that go from turn to turn. */
export interface FoundLoop {
  readonly order: StepOrder;
  readonly roles: Roles;
  readonly isReverse: boolean;
  /** The turn of the graph with which the loop begins: 1 where the first is another. */
  readonly firstTurn: 0 | 1;
  /** Roles that are carried, and what each is before the first turn. */
  readonly states: ReadonlyMap<Role, Term>;
  /** Roles that are carried, and computed from states at the beginning of a turn. */
  readonly derived: ReadonlySet<Role>;
  /** All roles of the loop. */
  readonly body: ReadonlySet<Role>;
  /** Terms of the first turn that the body computes. */
  readonly firsts: ReadonlyMap<Role, Term>;
}

/** Finds a loop over some of the sources, which have as many indices; undefined where there is none. */
export function findLoop(
  terms: readonly Term[],
  sources: readonly StepSource[],
  isReverse: boolean,
): FoundLoop | undefined {
  const order = new StepOrder(terms, sources, isReverse);
  const roles = new Roles(terms, order);
  const carried = carriedRoles(roles);
  if (carried.size === 0) {
    return undefined;
  }
  const body = bodyOf(roles, carried);
  const first = firstTerms(roles, order, body);
  if (first === undefined || [...carried].some((role) => !first.has(role))) {
    return undefined;
  }
  const start = new LoopStart(roles, order);
  const isMatched = [...carried].every((role) => {
    const term = first.get(role);
    return term !== undefined && start.match(role, term);
  });
  if (isMatched) {
    // What a role is before the first turn may be seen by an output alone.
    matchOutputs(terms, order, roles, body, start);
  }
  if (!isMatched || [...carried].some((role) => start.beforeOf(role) === undefined)) {
    const states = new Map([...carried].flatMap((role) => pairWith(role, first.get(role))));
    const common = { order, roles, isReverse, body, states };
    return { ...common, firstTurn: 1, derived: new Set(), firsts: new Map() };
  }
  const { states, derived } = shortened(
    roles,
    new Map([...carried].flatMap((role) => pairWith(role, start.beforeOf(role)))),
  );
  return { order, roles, isReverse, firstTurn: 0, states, derived, body, firsts: start.firsts };
}

function pairWith(role: Role, term: Term | undefined): [Role, Term][] {
  return term === undefined ? [] : [[role, term]];
}

/** Roles that the turn behind theirs takes. */
function carriedRoles(roles: Roles): Set<Role> {
  const carried = new Set<Role>();
  for (const role of roles.all) {
    for (const input of roles.inputsOf(role)) {
      if (input.kind === 'before') {
        carried.add(input.role);
      }
    }
  }
  return carried;
}

/** Roles that carried ones are computed from, and those that hang on them. */
function bodyOf(roles: Roles, carried: ReadonlySet<Role>): Set<Role> {
  const body = new Set<Role>();
  addWithParts(roles, [...carried], body);
  // Roles stand in the order of their terms. What is made of the samples alone stays around the loop.
  const hanging = new Set<Role>();
  for (const role of roles.all) {
    const hangs = roles
      .inputsOf(role)
      .some((one) => one.kind === 'before' || (one.kind === 'now' && hanging.has(one.role)));
    if (hangs) {
      hanging.add(role);
    }
  }
  addWithParts(roles, [...hanging], body);
  return body;
}

/** Adds roles, and those of the same turn that they are computed from. */
function addWithParts(roles: Roles, added: readonly Role[], body: Set<Role>): void {
  const open = [...added];
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    if (!body.has(role)) {
      body.add(role);
      open.push(...roles.inputsOf(role).flatMap((one) => (one.kind === 'now' ? [one.role] : [])));
    }
  }
}

/** The terms of carried roles at the first turn, as the turn behind it takes them. */
function firstTerms(
  roles: Roles,
  order: StepOrder,
  body: ReadonlySet<Role>,
): Map<Role, Term> | undefined {
  const found = new Map<Role, Term>();
  for (const role of body) {
    const terms = roles.patternOf(role).from?.inputs ?? [];
    for (const [i, input] of roles.inputsOf(role).entries()) {
      const term = terms[i];
      if (input.kind !== 'before' || term === null || term === undefined) {
        continue;
      }
      const known = found.get(input.role);
      if (known !== undefined && known !== term) {
        return undefined;
      }
      found.set(input.role, term);
    }
  }
  return [...found.values()].every((term) => order.turnOf(term) === 0) ? found : undefined;
}

/** Matches what the body gives beside its states with the terms of the first turn. */
function matchOutputs(
  terms: readonly Term[],
  order: StepOrder,
  roles: Roles,
  body: ReadonlySet<Role>,
  start: LoopStart,
): void {
  const firsts = terms.filter((term) => order.turnOf(term) === 0);
  for (const role of body) {
    const key = roles.patternOf(role).from?.key;
    const own = firsts.filter((term) => term.from?.key === key);
    // What the first turn lacks is what nobody takes of it.
    own.some((term) => start.firstOf(role) === term || start.match(role, term));
  }
}

/**
 * Carries what carried values are computed from in their place, where what they begin with is computed alike: h in place of
 * its product with the weights.
 */
function shortened(
  roles: Roles,
  given: ReadonlyMap<Role, Term>,
): { readonly states: Map<Role, Term>; readonly derived: Set<Role> } {
  const states = new Map(given);
  const derived = new Set<Role>();
  const open = [...states.keys()];
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    const parts = partsOf(roles, role, states.get(role));
    const isFree = parts?.every(([part, term]) => isSameStart(states.get(part) ?? term, term));
    if (parts !== undefined && isFree === true) {
      states.delete(role);
      derived.add(role);
      for (const [part, term] of parts) {
        if (!states.has(part) && !derived.has(part)) {
          states.set(part, term);
          open.push(part);
        }
      }
    }
  }
  return { states, derived };
}

/** The roles that a role is computed from, with what they are before the first turn; undefined where it is otherwise. */
function partsOf(
  roles: Roles,
  role: Role,
  before: Term | undefined,
): (readonly [Role, Term])[] | undefined {
  const pattern = roles.patternOf(role);
  if (before !== undefined && before.tensor !== null) {
    return zerosBehind(roles, role, before);
  }
  const isOneNode =
    before?.from !== null &&
    before !== undefined &&
    before.from.key === pattern.from?.key &&
    before.output === pattern.output;
  if (!isOneNode) {
    return undefined;
  }
  const parts: (readonly [Role, Term])[] = [];
  for (const [i, input] of roles.inputsOf(role).entries()) {
    const term = before.from?.inputs[i];
    if (input.kind === 'now' && term !== null && term !== undefined) {
      parts.push([input.role, term]);
    } else if (input.kind === 'before' || (input.kind === 'same' && input.term !== term)) {
      return undefined;
    }
  }
  // A step of the source is no state.
  return parts.length > 0 ? parts : undefined;
}
