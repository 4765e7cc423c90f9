import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { plain, sizesOf, type Axis, type FlatSteps, type Value } from './value.js';
import { renamed } from './gathered.js';
import { isForOneWindow } from './window-length.js';

/** Axes that a reshape puts together or takes apart, by their positions before and after. */
interface Group {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * The same floats in the same order under other sizes.
 *
 * @param target sizes of the result, as the graph counts them
 * @throws NeedsWindow step by step where steps would be mixed with anything but in a flattened window
 */
export function reshaped(node: NodeContext, value: Value, target: readonly number[]): Value {
  if (product(target) !== product(sizesOf(value))) {
    throw node.options.malformed(
      `shape [${target.join(', ')}] does not hold the ${product(sizesOf(value))} numbers of [${sizesOf(value).join(', ')}]; where one ${isForOneWindow}`,
    );
  }
  if (value.kind === 'constant') {
    return renamed(value, target.map(plain));
  }
  const { axes } = value;
  const result: Axis[] = target.map(plain);
  let flat: FlatSteps | undefined;
  for (const { from, to } of groups(axes, target)) {
    const [only] = to;
    const [first] = from;
    if (from.length === 1 && to.length === 1 && only !== undefined && first !== undefined) {
      result[only] = axes[first] ?? plain(1);
      continue;
    }
    const at = from.findIndex((axis) => axes[axis]?.kind === 'time');
    if (from.some((axis) => axes[axis]?.kind === 'batch')) {
      throw node.options.refused(
        'it mixes the lanes of the batch: export the model with a batch of 1, and its window as (batch, time, features), not in one axis',
      );
    }
    if (at < 0) {
      continue;
    }
    const isLast =
      only === target.length - 1 || target.slice((only ?? 0) + 1).every((one) => one === 1);
    if (node.isStep && (to.length > 1 || !isLast || product(target) !== target[only ?? 0])) {
      node.requireWindow('it takes steps apart or puts them together');
    }
    const size = (axis: number): number => axes[axis]?.size ?? 1;
    flat = {
      before: product(from.slice(0, at).map(size)),
      steps: size(from[at] ?? 0),
      after: product(from.slice(at + 1).map(size)),
      by: node,
    };
  }
  const isUndone = value.kind === 'stream' && value.flat !== undefined;
  if (isUndone && node.isStep) {
    const restored = unflattened(value.flat, target);
    if (restored === undefined && product(target) !== Math.max(...target)) {
      node.requireWindow('it takes a flattened window apart otherwise than it was put together');
    }
    return restored === undefined
      ? { ...value, axes: result }
      : { kind: 'stream', axes: restored, value: value.value, rate: value.rate };
  }
  if (value.kind === 'state') {
    return { ...value, axes: result };
  }
  const { flat: _flat, ...rest } = value;
  return { ...rest, axes: result, ...(flat === undefined || !node.isStep ? {} : { flat }) };
}

/** The axes of a flattened window that is taken apart as it was put together; undefined where it is not. */
function unflattened(flat: FlatSteps, target: readonly number[]): Axis[] | undefined {
  const sizes = target.filter((size) => size !== 1);
  const parts = [flat.before, flat.steps, flat.after].filter((size) => size !== 1);
  const isSame = sizes.length === parts.length && sizes.every((size, i) => size === parts[i]);
  if (!isSame) {
    return undefined;
  }
  const position = flat.before === 1 ? 0 : 1;
  let seen = -1;
  return target.map((size): Axis => {
    seen += size === 1 ? 0 : 1;
    return size !== 1 && seen === position ? { size, kind: 'time' } : plain(size);
  });
}

/** Pairs the axes of more than one index, in order, by their products. */
function groups(axes: readonly Axis[], target: readonly number[]): Group[] {
  const from = axes.flatMap(({ size }, axis) => (size === 1 ? [] : [axis]));
  const to = target.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  const found: Group[] = [];
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    const [left, right] = [[from[i] ?? 0], [to[j] ?? 0]];
    let a = axes[from[i] ?? 0]?.size ?? 1;
    let b = target[to[j] ?? 0] ?? 1;
    i += 1;
    j += 1;
    while (a !== b) {
      if (a < b) {
        left.push(from[i] ?? 0);
        a *= axes[from[i] ?? 0]?.size ?? 1;
        i += 1;
      } else {
        right.push(to[j] ?? 0);
        b *= target[to[j] ?? 0] ?? 1;
        j += 1;
      }
    }
    found.push({ from: left, to: right });
  }
  return found;
}
