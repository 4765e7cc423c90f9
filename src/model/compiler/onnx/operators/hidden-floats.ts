import type { NodeContext } from '../node-context.js';
import type { Constant, Stream } from '../values/value.js';
import { withConstant } from './beside-constant.js';
import type { Combination } from './combination.js';

/** Holds what a float has in place of minus infinity: its exponential beside any score is 0 in float32. */
const lowest = -3e38;

/** `x + c`, and where c is minus infinity the lowest float, whatever x is. */
const hiding: Combination = {
  numbers: (a, b) => a + b,
  merge: null,
  affine: (c) => ({
    scale: c.map((x) => (x === -Infinity ? 0 : 1)),
    shift: c.map((x) => (x === -Infinity ? lowest : x)),
  }),
};

/**
 * A stream plus a mask that has minus infinity where a softmax is to give 0.
 *
 * @throws LstmdError `model.refused` where a row of the last axis has nothing else, of which the softmax is NaN
 */
export function withHiddenFloats(node: NodeContext, stream: Stream, mask: Constant): Stream {
  const last = mask.shape.at(-1) ?? 1;
  const isEmpty = Array.from({ length: mask.data.length / last }, (_, row) =>
    mask.data.subarray(row * last, (row + 1) * last),
  ).some((row) => row.every((x: number) => x === -Infinity));
  if (isEmpty) {
    throw node.options.refused(
      'its mask has nothing but minus infinity in a row, of which the softmax is NaN: leave one number of each row to look at',
    );
  }
  const made = withConstant(node, hiding, stream, { ...mask, type: 'float' }, false);
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const row = made.axes.at(-1)?.size ?? 1;
  return { ...made, hidden: { by: node.name, row } };
}
