import type { NodeContext } from '../node-context.js';
import type { Constant } from '../values/value.js';

/** Returns whether every number of a constant is the whole number that the file has. */
export function isExact({ data }: Pick<Constant, 'data'>): boolean {
  return data.every((x: number) => Number.isSafeInteger(x));
}

/**
 * Checks whole numbers that are computed with, and what they come to.
 *
 * @throws LstmdError `model.refused` for those beyond 2^53, which are rounded here, and for fractions of a division by 0
 *   and the like
 */
export function requireExact(node: NodeContext, ...constants: readonly Constant[]): void {
  if (constants.some((one) => one.type === 'whole' && !isExact(one))) {
    throw node.options.refused(
      'it computes with whole numbers beyond 2^53 or divides by 0, which is not exact here',
    );
  }
}

/** The least and the greatest number of a type of whole numbers, by its code in `TensorProto.DataType`. */
const ranges: ReadonlyMap<number, readonly [least: number, most: number]> = new Map([
  [2, [0, 2 ** 8 - 1]],
  [3, [-(2 ** 7), 2 ** 7 - 1]],
  [4, [0, 2 ** 16 - 1]],
  [5, [-(2 ** 15), 2 ** 15 - 1]],
  [6, [-(2 ** 31), 2 ** 31 - 1]],
  [7, [-(2 ** 63), 2 ** 63]],
  [12, [0, 2 ** 32 - 1]],
  [13, [0, 2 ** 64]],
]);

/**
 * Numbers cast to a type of whole numbers.
 *
 * @param to code of the type
 * @throws LstmdError `model.refused` for a number that the type does not have, and for a type of other numbers
 */
export function castToWhole(node: NodeContext, value: Constant, to: number): Constant {
  if (to === 9) {
    return { ...value, type: 'whole', data: Float64Array.from(value.data, (x) => Number(x !== 0)) };
  }
  const [least, most] = ranges.get(to) ?? [0, -1];
  const data = Float64Array.from(value.data, Math.trunc);
  if (!data.every((x) => x >= least && x <= most)) {
    throw node.options.refused(
      `it casts numbers to a type (${to}) that does not have all of them, or is not supported`,
    );
  }
  return { ...value, type: 'whole', data };
}
