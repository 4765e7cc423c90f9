import type { NodeContext } from '../node-context.js';
import { sizesOf, type Value } from '../values/value.js';

/**
 * Turns a node into operations of the plan, or into numbers where no sample changes it: reads its attributes and
 * inputs, and refuses by name what it would not compute exactly.
 *
 * @returns its outputs, in order; undefined for one that nothing takes
 * @throws LstmdError `model.refused`, `model.malformed`; NeedsWindow where the builder takes steps and the node
 *   needs more than the steps so far; AxisConflict where its axes are not what was supposed
 */
export type Operator = (node: NodeContext) => readonly (Value | undefined)[];

/** An axis counted from 0, which may be written from the end. */
export function axisOf(node: NodeContext, axis: number, rank: number): number {
  const own = axis < 0 ? axis + rank : axis;
  if (!Number.isSafeInteger(axis) || own < 0 || own >= rank) {
    throw node.options.malformed(`axis ${axis} is none of the ${rank} of its input`);
  }
  return own;
}

/** `[1, 20, 3]`. */
export function shapeText(value: Value): string {
  return `[${sizesOf(value).join(', ')}]`;
}

/** Axes that are an input since some opset, and an attribute before. */
export function axesOption(
  node: NodeContext,
  { key, position }: { readonly key: string; readonly position: number },
): readonly number[] | undefined {
  return node.options.ints(key) ?? node.wholes(position, key);
}
