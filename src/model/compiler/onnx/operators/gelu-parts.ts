import type { MergeOp } from '../../../plan/step-op.js';
import type { NodeContext } from '../node-context.js';
import type { GeluPart, Stream } from '../values/value.js';
import type { Operator } from './operator.js';

/*
 * GELU, `x (1 + erf(x / sqrt(2))) / 2`, is written out below opset 20: its parts are followed until they meet. What is
 * computed of them before is dropped where nothing else reads it.
 */

/** Erf: of `x / sqrt(2)` it may be a part of GELU. */
export const erf: Operator = (node) => {
  const stream = node.stream(0);
  const { gelu } = stream;
  const made = node.activated(stream, { kind: 'erf' });
  const isPart = gelu?.kind === 'scaled' && Math.abs(gelu.factor * Math.SQRT2 - 1) <= 1e-5;
  return [isPart ? { ...made, gelu: { kind: 'erf', of: gelu.of, factor: 1, plus: 0 } } : made];
};

/** Returns what a stream is after it was multiplied with, or divided by, a number. */
export function scaledBy(
  { value, gelu }: Stream,
  operation: MergeOp['operation'] | null,
  number: number,
): GeluPart | undefined {
  const by = operation === 'multiply' ? number : operation === 'divide' ? 1 / number : undefined;
  if (by === undefined) {
    return undefined;
  }
  return gelu?.kind === 'scaled'
    ? { ...gelu, factor: gelu.factor * by }
    : { kind: 'scaled', of: value, factor: by };
}

/** Returns what an error function is beside a number; undefined for what is none, or is no part of GELU any more. */
export function errorFunctionBeside(
  { gelu }: Stream,
  operation: MergeOp['operation'] | null,
  number: number,
): GeluPart | undefined {
  if (gelu?.kind !== 'erf') {
    return undefined;
  }
  switch (operation) {
    case 'add':
      return { ...gelu, plus: gelu.plus + number / gelu.factor };
    case 'multiply':
      return { ...gelu, factor: gelu.factor * number };
    case 'divide':
      return { ...gelu, factor: gelu.factor / number };
    default:
      return undefined;
  }
}

/** The GELU that the product of two of its parts is; undefined where it is none. */
export function geluOf(node: NodeContext, a: Stream, b: Stream): Stream | undefined {
  const [errors, factor] = a.gelu?.kind === 'erf' ? [a, b] : [b, a];
  const { gelu } = errors;
  if (gelu?.kind !== 'erf' || gelu.plus !== 1) {
    return undefined;
  }
  const own =
    factor.gelu?.kind === 'scaled' && factor.gelu.of === gelu.of ? factor.gelu.factor : undefined;
  const by = factor.value === gelu.of ? 1 : own;
  if (by === undefined) {
    return undefined;
  }
  const x = { value: gelu.of, shape: node.stored(factor.axes) };
  const made = node.math.activate(x, { kind: 'gelu', approximate: false });
  const scale = 2 * gelu.factor * by;
  const { value } = Math.abs(scale - 1) < 1e-6 ? made : node.math.scale(made, scale);
  const { axes, rate, flat } = factor;
  return { kind: 'stream', axes, value, rate, ...(flat === undefined ? {} : { flat }) };
}
