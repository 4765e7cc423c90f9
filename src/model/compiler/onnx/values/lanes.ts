import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { sliced } from './gathered.js';
import { plain, type Constant, type Value } from './value.js';

/** Returns whether the numbers of a constant are the same at each index of an axis. */
export function isSameAlong(
  { data, shape }: Pick<Constant, 'data' | 'shape'>,
  axis: number,
): boolean {
  const inner = product(shape.slice(axis + 1));
  const span = (shape[axis] ?? 1) * inner;
  return data.every((one: number, at: number) => one === data[at - (at % span) + (at % inner)]);
}

/**
 * Returns the state of one lane, where a constant has one for each index of an axis.
 *
 * @throws LstmdError `model.refused` where they are not all the same
 */
export function firstLane(node: NodeContext, states: Constant, axis: number): Value {
  if (!isSameAlong(states, axis)) {
    throw node.options.refused(
      `it begins with other states for each of ${states.shape[axis] ?? 1} lanes of the batch`,
    );
  }
  return sliced(node, states, axis, { from: 0, step: 1, count: 1 }, plain(1));
}
