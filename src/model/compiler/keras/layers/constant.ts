import { plainValue } from '../layer-builder/plain-value.js';
import { product, type Shape } from '../../shape.js';

/** Numbers that stand in the configuration: one, or a list of lists. */
export interface Constant {
  readonly numbers: Float32Array;
  /** Empty for a single number. */
  readonly shape: Shape;
}

/** @returns undefined for what is neither a number nor lists of numbers of the same length */
export function readConstant(value: unknown): Constant | undefined {
  const plain = plainValue(value);
  if (typeof plain === 'number') {
    return { numbers: Float32Array.of(plain), shape: [] };
  }
  if (!Array.isArray(plain)) {
    return undefined;
  }
  const shape: number[] = [];
  for (let part: unknown = plain; Array.isArray(part); part = part[0]) {
    shape.push(part.length);
  }
  const numbers: unknown[] = plain.flat(Infinity);
  if (numbers.length !== product(shape) || numbers.length === 0) {
    return undefined;
  }
  const floats = Float32Array.from(numbers, (number) =>
    typeof number === 'number' ? number : Number.NaN,
  );
  return floats.every(Number.isFinite) ? { numbers: floats, shape } : undefined;
}

/** The constant without axes of one in front of the `rank` last ones. */
export function withRank({ numbers, shape }: Constant, rank: number): Constant {
  const extra = shape.length - rank;
  return extra > 0 && shape.slice(0, extra).every((size) => size === 1)
    ? { numbers, shape: shape.slice(extra) }
    : { numbers, shape };
}

/**
 * Says why a sum with numbers is not the same on every backend of Keras 3, which the file does not name: on TensorFlow numbers
 * along one axis alone are taken for a bias, and added along the last axis of that length, else along the first.
 *
 * @param to the shape of the tensor that they are added to
 * @returns undefined where all backends agree
 */
export function otherBackendsSum(from: Shape, to: Shape): string | undefined {
  const axes = from
    .map((size, i) => ({ size, axis: i - from.length }))
    .filter(({ size }) => size > 1);
  const [only] = axes;
  if (only === undefined || axes.length > 1 || only.axis === -1) {
    return undefined;
  }
  const isLast = to.at(-1) === only.size;
  const isFirst = to[0] === only.size && to.length + only.axis !== 0;
  return isLast || isFirst
    ? `Keras adds ${only.size} numbers of shape (${from.join(', ')}) along another axis with TensorFlow than with other backends, because two axes of (${to.join(', ')}) have that size: give the numbers in the shape of all axes`
    : undefined;
}
