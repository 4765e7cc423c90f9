import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { axesOf, pickedAlong, storedOf } from '../values/gathered.js';
import { plain, sizesOf, type Axis, type Value } from '../values/value.js';
import { checkSize } from './constants.js';
import { axisOf, type Operator } from './operator.js';

/** Pad: zeros, or another number, around axes; also by reflection and by repeating the edge. */
export const pad: Operator = (node) => {
  const value = node.input(0);
  const sizes = sizesOf(value);
  const mode = node.options.string('mode', 'constant');
  const given = node.options.ints('pads') ?? node.wholes(1, 'pads') ?? [];
  const filler = node.options.has('value')
    ? node.options.float('value', 0)
    : (node.constant(2, 'value')?.data[0] ?? 0);
  const named = node.wholes(3, 'axes') ?? sizes.map((_, i) => i);
  const half = named.length;
  if (given.length !== 2 * half) {
    throw node.options.malformed(`it has ${given.length} pads for ${half} axes`);
  }
  let result = value;
  for (const [i, at] of named.entries()) {
    const axis = axisOf(node, at, sizes.length);
    const [before, after] = [given[i] ?? 0, given[i + half] ?? 0];
    if (before !== 0 || after !== 0) {
      result = paddedAlong(node, result, axis, { before, after, mode, filler });
    }
  }
  if (result.kind === 'stream') {
    node.streaming = node.isStep ? 'padding' : 'whole window';
  }
  return [result];
};

function paddedAlong(
  node: NodeContext,
  value: Value,
  axis: number,
  {
    before,
    after,
    mode,
    filler,
  }: {
    readonly before: number;
    readonly after: number;
    readonly mode: string;
    readonly filler: number;
  },
): Value {
  const own = axesOf(value)[axis] ?? plain(1);
  if (
    before < -own.size ||
    after < -own.size ||
    own.size + before + after < 1 ||
    own.kind === 'batch'
  ) {
    throw node.options.malformed(`it pads an axis of ${own.size} by ${before} and ${after}`);
  }
  if (value.kind === 'stream' && own.kind === 'time' && node.isStep) {
    if (
      mode !== 'constant' ||
      filler !== 0 ||
      before < 0 ||
      after < 0 ||
      value.padding !== undefined
    ) {
      node.requireWindow('it pads the window with steps that no sample brings');
    }
    const axes = value.axes.map((one, i): Axis =>
      i === axis ? { ...one, size: own.size + before + after } : one,
    );
    return { ...value, axes, padding: { before, after, node } };
  }
  checkSize(node, [own.size + before + after]);
  const kept = Array.from({ length: own.size + before + after }, (_, i) =>
    padIndex(i - before, own.size, mode),
  );
  if (kept.some((index) => index === undefined)) {
    throw node.options.refused(`mode="${mode}" with pads ${before} and ${after} is not supported`);
  }
  const size = { ...own, size: own.size + before + after };
  const padded = pickedAlong(
    node,
    value,
    axis,
    kept.map((index) => index ?? -1),
    size,
  );
  return filler === 0 || mode !== 'constant' ? padded : filled(node, padded, axis, kept, filler);
}

/** Writes a number where an axis was padded with zeros, at the indices that are -1. */
function filled(
  node: NodeContext,
  padded: Value,
  at: number,
  kept: readonly (number | undefined)[],
  filler: number,
): Value {
  if (padded.kind === 'state') {
    throw node.options.refused('numbers among those of a state are not supported');
  }
  const stored = storedOf(node, padded);
  const inner = product(stored.slice(at + 1));
  const numbers = Float32Array.from({ length: product(stored) }, (_, i) =>
    kept[Math.floor(i / inner) % kept.length] === -1 ? filler : 0,
  );
  if (padded.kind === 'constant') {
    return {
      ...padded,
      data: padded.data.map((one: number, i: number) => one + (numbers[i] ?? 0)),
    };
  }
  const array = node.array(padded);
  const made = node.math.affine(array, new Float32Array(numbers.length).fill(1), numbers);
  return node.made(made, padded.axes, padded.rate);
}

/** The index that a padded position repeats; -1 for zeros, undefined where there is none. */
function padIndex(index: number, size: number, mode: string): number | undefined {
  if (index >= 0 && index < size) {
    return index;
  }
  switch (mode) {
    case 'constant':
      return -1;
    case 'edge':
      return index < 0 ? 0 : size - 1;
    case 'wrap':
      return ((index % size) + size) % size;
    case 'reflect': {
      const mirrored = index < 0 ? -index : 2 * (size - 1) - index;
      return mirrored >= 0 && mirrored < size ? mirrored : undefined;
    }
    default:
      return undefined;
  }
}
