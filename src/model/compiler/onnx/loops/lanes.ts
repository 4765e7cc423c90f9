import type { NodeContext } from '../node-context.js';
import { sliced } from '../values/gathered.js';
import type { Stream, Value } from '../values/value.js';

/**
 * A state that a loop begins with, for one lane of the batch: where a constant has as many rows as the samples have lanes,
 * all must be the same.
 */
export function laneOf(node: NodeContext, initial: Value, clock: Stream): Value {
  const lanes = clock.axes.find(({ kind }) => kind === 'batch')?.size ?? 1;
  const axis = initial.kind === 'constant' ? initial.shape.indexOf(lanes) : -1;
  if (initial.kind !== 'constant' || lanes === 1 || axis < 0) {
    return initial;
  }
  const first = sliced(
    node,
    initial,
    axis,
    { from: 0, step: 1, count: 1 },
    { size: 1, kind: 'plain' },
  );
  const inner = initial.shape.slice(axis + 1).reduce((all, size) => all * size, 1);
  const run = lanes * inner;
  const isSame = initial.data.every(
    (number: number, i: number) => number === initial.data[i - (i % run) + (i % inner)],
  );
  if (!isSame) {
    throw node.options.refused(
      `it begins with other states for each of ${lanes} lanes of the batch`,
    );
  }
  return first;
}
