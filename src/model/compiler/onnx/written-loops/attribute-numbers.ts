import type { TermNode } from './term.js';

/**
 * Whole numbers that are an attribute in one opset and an input in another.
 *
 * @returns undefined where they are left out, null where they are not known
 */
export function wholesOf(
  { node, inputs }: TermNode,
  key: string,
  position: number,
): readonly number[] | undefined | null {
  const own = node.attributes.get(key);
  if (own?.kind === 'ints') {
    return own.value;
  }
  const given = inputs[position];
  if (given === undefined || given === null) {
    return undefined;
  }
  return given.tensor?.data === null || given.tensor?.data === undefined
    ? null
    : [...given.tensor.data];
}
