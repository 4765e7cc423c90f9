import type { Pick, Term } from './term.js';

/** A term whose every index along an axis is picked by itself, as a loop over its steps does. */
export interface StepSource {
  readonly of: Term;
  readonly axis: number;
  /** Indices of the axis. */
  readonly count: number;
}

/** Loops of fewer turns are not told from other arithmetic. */
const leastTurns = 3;

/** The terms of which each index along an axis is picked, in the order of the graph. */
export function stepSources(terms: readonly Term[]): StepSource[] {
  const picks = new Map<string, Pick[]>();
  for (const { pick } of terms) {
    if (pick !== null) {
      const key = sourceKey(pick);
      const alike = picks.get(key) ?? [];
      alike.push(pick);
      picks.set(key, alike);
    }
  }
  return [...picks.values()].flatMap((alike) => {
    const [first] = alike;
    const count = countOf(alike);
    return first === undefined || count === undefined
      ? []
      : [{ of: first.of, axis: first.axis, count }];
  });
}

export function sourceKey({ of, axis }: Pick | StepSource): string {
  return `${of.id} ${axis}`;
}

/** The index of a pick counted from the first; undefined where it is none of so many. */
export function indexOf({ index, isTail }: Pick, count: number): number | undefined {
  const own = index < 0 ? index + count : index;
  const isOne = !isTail || own === count - 1;
  return own >= 0 && own < count && isOne ? own : undefined;
}

/** How many indices there are, where every one of them is picked. */
function countOf(picks: readonly Pick[]): number | undefined {
  const least = picks.reduce(
    (most, { index }) => Math.max(most, index < 0 ? -index : index + 1),
    0,
  );
  return [least, least + 1].find((count) => {
    const found = new Set(picks.map((pick) => indexOf(pick, count)));
    return count >= leastTurns && !found.has(undefined) && found.size === count;
  });
}

/** For each term the latest turn of a loop that it hangs on; -1 where it hangs on none. */
export class StepOrder {
  readonly #turns: Int32Array;
  readonly #sources = new Map<string, StepSource>();
  readonly turns: number;

  /** @param isReverse true for a loop from the last index to the first */
  constructor(terms: readonly Term[], sources: readonly StepSource[], isReverse: boolean) {
    this.turns = sources[0]?.count ?? 0;
    const found = new Map(sources.map((source) => [sourceKey(source), source]));
    this.#turns = new Int32Array(terms.length).fill(-1);
    for (const { id, pick, from } of terms) {
      const source = pick === null ? undefined : found.get(sourceKey(pick));
      if (pick !== null && source !== undefined && this.turnOf(pick.of) < 0) {
        const index = indexOf(pick, source.count) ?? 0;
        this.#turns[id] = isReverse ? source.count - 1 - index : index;
        this.#sources.set(sourceKey(source), source);
        continue;
      }
      // A shape is the same at each turn.
      const isShape = from?.node.operator === 'Shape' && from.inputs[0]?.pick !== null;
      if (!isShape) {
        this.#turns[id] = Math.max(-1, ...(from?.inputs ?? []).map((input) => this.turnOf(input)));
      }
    }
  }

  turnOf(term: Term | null): number {
    return term === null ? -1 : (this.#turns[term.id] ?? -1);
  }

  /** The source that a term is a step of; undefined where it is computed otherwise. */
  sourceOf({ pick }: Term): StepSource | undefined {
    const source = pick === null ? undefined : this.#sources.get(sourceKey(pick));
    return source !== undefined && this.turnOf(source.of) < 0 ? source : undefined;
  }
}
