import { product } from '../../shape.js';
import type { NodeContext } from '../node-context.js';
import { broadcasted, axesOf, renamed, transposed } from '../values/gathered.js';
import { reshaped } from '../values/reshaped.js';
import {
  plain,
  sizesOf,
  timeAxis,
  type Axis,
  type Constant,
  type Stream,
  type Value,
} from '../values/value.js';
import { checkSize, maxAskedNumbers } from './constants.js';
import { axesOption, axisOf, type Operator } from './operator.js';
import { castToWhole, requireExact } from './whole-numbers.js';
import { isForOneWindow } from '../values/window-length.js';

/** Notes how a node streams that leaves every float as it is. */
function moved(node: NodeContext, value: Value): readonly [Value] {
  if (value.kind === 'stream') {
    node.streaming = node.isStep ? 'identity' : 'whole window';
  }
  return [value];
}

/** Identity: its input. */
export const identity: Operator = (node) => moved(node, node.input(0));

/** Dropout: at inference its input. */
export const dropout: Operator = (node) => {
  node.options.ignore('ratio', 'seed', 'is_test', 'consumed_inputs');
  const isTraining = node.constant(2, 'training_mode')?.data[0] ?? 0;
  if (isTraining !== 0) {
    throw node.options.refused(
      'it drops features at random, as in training: export the model after model.eval()',
    );
  }
  return moved(node, node.input(0));
};

/** Cast to a type of floats, which changes nothing here, or of numbers that are known. */
export const cast: Operator = (node) => {
  const to = node.options.int('to', 1);
  node.options.ignore('saturate', 'round_mode');
  const value = node.input(0);
  const isFloat = to === 1 || to === 10 || to === 11 || to === 16;
  if (value.kind === 'constant') {
    return [isFloat ? castToFloat(node, value) : castToWhole(node, value, to)];
  }
  if (!isFloat) {
    throw node.options.refused('a cast of what the samples make to whole numbers is not supported');
  }
  return moved(node, value);
};

function castToFloat(node: NodeContext, value: Constant): Constant {
  requireExact(node, value);
  return { ...value, type: 'float', data: Float32Array.from(value.data) };
}

/** CastLike: to the type of another value, which of floats changes nothing here. */
export const castLike: Operator = (node) => {
  const [value, like] = [node.input(0), node.input(1)];
  const isFloat = like.kind !== 'constant' || like.type === 'float';
  if (value.kind === 'constant') {
    return [isFloat ? castToFloat(node, value) : castToWhole(node, value, 7)];
  }
  if (!isFloat) {
    throw node.options.refused('a cast of what the samples make to whole numbers is not supported');
  }
  return moved(node, value);
};

export const transpose: Operator = (node) => {
  const value = node.input(0);
  const rank = sizesOf(value).length;
  const order =
    node.options.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const isOrder =
    order.length === rank &&
    Array.from({ length: rank }, (_, i) => i).every((i) => order.includes(i));
  if (!isOrder) {
    throw node.options.malformed(`perm [${order.join(', ')}] is no order of its ${rank} axes`);
  }
  if (value.kind === 'stream' && value.flat !== undefined) {
    node.requireWindow('it turns a flattened window');
  }
  return moved(node, transposed(node, value, order));
};

export const squeeze: Operator = (node) => {
  const value = node.input(0);
  const sizes = sizesOf(value);
  const given = axesOption(node, { key: 'axes', position: 1 });
  const dropped = new Set(
    given === undefined
      ? sizes.flatMap((size, axis) => (size === 1 ? [axis] : []))
      : given.map((axis) => axisOf(node, axis, sizes.length)),
  );
  if ([...dropped].some((axis) => sizes[axis] !== 1)) {
    throw node.options.malformed(`it drops an axis of [${sizes.join(', ')}] that is not 1`);
  }
  const axes = axesOf(value).filter((_, axis) => !dropped.has(axis));
  return moved(node, renamed(value, axes));
};

export const unsqueeze: Operator = (node) => {
  const value = node.input(0);
  const given = axesOption(node, { key: 'axes', position: 1 }) ?? [];
  const rank = sizesOf(value).length + given.length;
  const added = new Set(given.map((axis) => axisOf(node, axis, rank)));
  if (added.size < given.length) {
    throw node.options.malformed(`it adds an axis twice: ${given.join(', ')}`);
  }
  const own = [...axesOf(value)];
  const axes = Array.from({ length: rank }, (_, axis): Axis =>
    added.has(axis) ? plain(1) : (own.shift() ?? plain(1)),
  );
  return moved(node, renamed(value, axes));
};

export const reshape: Operator = (node) => {
  const value = node.input(0);
  const given = node.options.ints('shape') ?? node.wholes(1, 'shape') ?? [];
  const sizes = sizesOf(value);
  const keepsZero = node.options.int('allowzero', 0) === 1;
  const target = given.map((size, axis) => (size === 0 && !keepsZero ? (sizes[axis] ?? 0) : size));
  const rest = product(sizes) / product(target.filter((size) => size !== -1));
  const isShape =
    target.filter((size) => size === -1).length <= 1 &&
    target.every((size) => Number.isSafeInteger(size) && size >= -1);
  if (!isShape || (target.includes(-1) && !Number.isInteger(rest))) {
    throw node.options.malformed(
      `shape [${given.join(', ')}] does not hold the numbers of [${sizes.join(', ')}]; where one ${isForOneWindow}`,
    );
  }
  return moved(
    node,
    reshaped(
      node,
      value,
      target.map((size) => (size === -1 ? rest : size)),
    ),
  );
};

/** Flatten: all axes before one into one, and the others into another. */
export const flatten: Operator = (node) => {
  const value = node.input(0);
  const sizes = sizesOf(value);
  const axis = node.options.int('axis', 1);
  const own = axis < 0 ? axis + sizes.length : axis;
  const target = [product(sizes.slice(0, own)), product(sizes.slice(own))];
  return moved(node, reshaped(node, value, target));
};

/** Expand: axes of one are repeated, and new ones come in front. */
export const expand: Operator = (node) => {
  const value = node.input(0);
  const given = node.wholes(1, 'shape') ?? [];
  checkSize(node, given, maxAskedNumbers);
  const own = axesOf(value);
  const rank = Math.max(own.length, given.length);
  const axes = Array.from({ length: rank }, (_, i): Axis => {
    const before = own[i - rank + own.length] ?? plain(1);
    const size = given[i - rank + given.length] ?? 1;
    if (before.size !== size && before.size !== 1 && size !== 1) {
      throw node.options.malformed(
        `it expands an axis of ${before.size} to ${size}; where that ${isForOneWindow}`,
      );
    }
    return size === 1 || before.size === size ? before : plain(size);
  });
  return moved(node, repeatedTo(node, value, axes));
};

/** Tile: axes are repeated as a whole. */
export const tile: Operator = (node) => {
  const value = node.input(0);
  const repeats = node.wholes(1, 'repeats') ?? [];
  const own = axesOf(value);
  if (repeats.length !== own.length) {
    throw node.options.malformed(
      `it repeats ${repeats.length} axes, and its input has ${own.length}`,
    );
  }
  checkSize(
    node,
    own.map(({ size }, i) => size * (repeats[i] ?? 1)),
    maxAskedNumbers,
  );
  // Axis by axis (1, size) is expanded to (n, size), and both are put into one.
  let result: Value = value;
  for (const [axis, times] of repeats.entries()) {
    if (times === 1) {
      continue;
    }
    const axes = axesOf(result);
    const { size, kind } = axes[axis] ?? plain(1);
    if (kind === 'batch' && size > 1) {
      throw node.options.refused(
        'it repeats the lanes of the batch: export the model with a batch of 1',
      );
    }
    if (kind === 'time' && size > 1) {
      node.requireWindow('it repeats the window');
    }
    const split = [...axes.slice(0, axis), plain(1), ...axes.slice(axis)];
    const wide = [...axes.slice(0, axis), plain(times), ...axes.slice(axis)];
    const repeated = repeatedTo(node, renamed(result, split), wide);
    const joined = [...axes.slice(0, axis), plain(times * size), ...axes.slice(axis + 1)];
    result = renamed(repeated, joined);
  }
  return moved(node, result);
};

/** Repeats axes of one; a value of no step that becomes many is a window's. */
function repeatedTo(node: NodeContext, value: Value, axes: readonly Axis[]): Value {
  const own = axesOf(value);
  const isSame = own.length === axes.length && own.every(({ size }, i) => size === axes[i]?.size);
  if (isSame || value.kind === 'constant') {
    return isSame ? value : broadcasted(node, value, axes);
  }
  const isWhole = value.kind === 'stream' && timeAxis(value.axes) < 0 && !node.terms.isOneStep;
  // Along the last axis it is of features, unless it grows to a window's length, which may stand there for the time.
  const last = axes.at(-1)?.size ?? 1;
  const isOfFeatures =
    last !== node.terms.steps &&
    product(axes.slice(0, -1).map(({ size }) => size)) ===
      product(own.slice(0, -1).map(({ size }) => size));
  if (
    isWhole &&
    !isOfFeatures &&
    product(axes.map(({ size }) => size)) > product(own.map(({ size }) => size))
  ) {
    node.requireWindow('it repeats what the window came to, as the input of other steps');
  }
  return value.kind === 'stream'
    ? (vectorRepeated(node, value, axes) ?? broadcasted(node, value, axes))
    : broadcasted(node, value, axes);
}

/** A vector as each step of a window, as decoders begin; undefined where something else is repeated. */
function vectorRepeated(
  node: NodeContext,
  value: Stream,
  axes: readonly Axis[],
): Stream | undefined {
  const { builder, terms } = node;
  const own = node.stored(value.axes);
  const wide = node.stored(axes);
  const added = wide.length - own.length;
  const grown = wide.flatMap((size, i) => (size === (own[i - added] ?? 1) ? [] : [i]));
  const [at = 0, ...others] = grown;
  const isVector =
    builder.kind === 'window' &&
    !terms.isOneStep &&
    grown.length === 1 &&
    others.length === 0 &&
    at < wide.length - 1 &&
    product(wide.slice(0, at)) === 1 &&
    (own[at - added] ?? 1) === 1;
  if (!isVector) {
    return undefined;
  }
  const vector = node.math.asSteps(node.array(value), product(own));
  const repeated = builder.repeat(node.name, vector, wide[at] ?? 1);
  return { kind: 'stream', axes, value: repeated, rate: value.rate };
}
