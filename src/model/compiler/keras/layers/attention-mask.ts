import type { ValueId } from '../../../plan/stream-plan.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';

/** What a step that is not to be looked at has in place of its score: its exponential is 0 in float32. */
const hiddenScore = -1e9;

/** Which steps of a query look at which steps of a key. */
export interface Looks {
  /** Steps of the query, and of the key. */
  readonly queries: number;
  readonly keys: number;
  /** Masks of the query: a step with 0 looks at none. */
  readonly queryMasks: readonly (ValueId | null)[];
  /** Masks of the key and the value: a step with 0 is looked at by none. */
  readonly keyMasks: readonly (ValueId | null)[];
  /** Whether a query looks at no step behind its own. */
  readonly isCausal: boolean;
  /** Steps to either side of its own that a query looks at, its own included; null for all. */
  readonly reach?: number | null;
}

/** 1 where a query step looks at a key step, else 0: (queries, keys); undefined where all look at all. */
export function pairsOf(
  math: ArrayMath,
  { queries, keys, queryMasks, keyMasks, isCausal, reach = null }: Looks,
): WindowArray | number[] | undefined {
  const masks = [
    ...queryMasks.map((value) => value !== null && { value, shape: [queries, 1] }),
    ...keyMasks.map((value) => value !== null && { value, shape: [1, keys] }),
  ].filter((mask) => mask !== false);
  const isFixed = isCausal || reach !== null;
  const fixed = Array.from({ length: queries * keys }, (_, i) => {
    const [query, key] = [Math.floor(i / keys), i % keys];
    const isNear = reach === null || Math.abs(query - key) < reach;
    return isNear && (!isCausal || key <= query) ? 1 : 0;
  });
  const [first, ...others] = masks;
  if (first === undefined) {
    return isFixed ? fixed : undefined;
  }
  const both = others.reduce(
    (product: WindowArray, mask) => math.merge('multiply', product, mask),
    math.broadcast(first, [queries, keys]),
  );
  const pairs = math.broadcast(both, [queries, keys]);
  if (!isFixed) {
    return pairs;
  }
  const zeros = new Float32Array(fixed.length);
  return math.reshape(math.affine(pairs, Float32Array.from(fixed), zeros), [queries, keys]);
}

/** Scores of (..., queries, keys), with those of the pairs that do not look at each other hidden. */
export function withHidden(
  math: ArrayMath,
  scores: WindowArray,
  pairs: WindowArray | number[] | undefined,
): WindowArray {
  if (pairs === undefined) {
    return scores;
  }
  if (Array.isArray(pairs)) {
    const shift = Float32Array.from(pairs, (looks) => (looks === 1 ? 0 : hiddenScore));
    return math.reshape(math.affine(scores, Float32Array.from(pairs), shift), scores.shape);
  }
  // A score is replaced, not lowered: where all of a query's are hidden, its shares are all the same.
  const before = scores.shape.slice(0, -2).map(() => 1);
  const wide = math.reshape(pairs, [...before, ...pairs.shape]);
  const hidden = math.scale(wide, -hiddenScore, hiddenScore);
  return math.merge('add', math.merge('multiply', scores, wide), hidden);
}
