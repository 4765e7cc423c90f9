import { rowSizeOf, type Tensor } from '../../tensor.js';
import { Rows } from '../../operations/rows.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { rankOf, readAxes } from './over-axes.js';
import {
  checkCount,
  lengthOf,
  oneAxis,
  pick,
  range,
  streamingOf,
  wholeOf,
} from './picked-indices.js';
import { squeezed } from './reduce-operations.js';

/** Roll: the indices of an axis move on, and come in again at its other end. */
export const roll: LayerBuilder = (layer) => {
  const { options } = layer;
  const [axis, length] = oneAxis(layer);
  const shift = wholeOf(layer, options.raw('shift'), 'shift');
  return picked(
    layer,
    axis,
    range(length, (i) => (((i - shift) % length) + length) % length),
  );
};

/** Split and ArraySplit: parts of an axis, each of which is an output. */
export const split: LayerBuilder = (layer) => {
  const { options, className } = layer;
  const [axis, length] = oneAxis(layer);
  const value = plainValue(options.raw('indices_or_sections'));
  const ends = Array.isArray(value)
    ? value.map((end) => wholeOf(layer, end, 'indices_or_sections'))
    : endsOf(length, wholeOf(layer, value, 'indices_or_sections'));
  const bounds = [0, ...ends.map((end) => Math.min(end < 0 ? end + length : end, length)), length];
  if (!Array.isArray(value) && className === 'Split' && length % (ends.length + 1) !== 0) {
    throw options.malformed(`an axis of ${length} does not make ${ends.length + 1} parts`);
  }
  const input = anyInput(layer);
  return {
    outputs: bounds.slice(1).map((end, i) => {
      const from = bounds[i] ?? 0;
      return pick(
        layer,
        input,
        axis,
        range(end - from, (k) => from + k),
      );
    }),
    streaming: streamingOf(layer),
  };
};

/** Returns where `count` parts of an axis end, of which the first are longer by one where they cannot be the same. */
function endsOf(length: number, count: number): number[] {
  const [least, longer] = [Math.floor(length / count), length % count];
  return range(count - 1, (i) => (i + 1) * least + Math.min(i + 1, longer));
}

/** Unstack: each index of an axis is an output, without that axis. */
export const unstack: LayerBuilder = (layer) => {
  layer.options.ignore('num');
  const [axis, length] = oneAxis(layer);
  const input = anyInput(layer);
  return {
    outputs: range(length, (i) => squeezed(layer, pick(layer, input, axis, [i]), [axis])),
    streaming: streamingOf(layer),
  };
};

/** Take: given indices of an axis. One number takes the axis away. */
export const take: LayerBuilder = (layer) => {
  const { args, callOptions } = layer;
  const [axis, length] = oneAxis(layer);
  const given = args[1];
  const value = plainValue(
    given !== undefined && 'constant' in given ? given.constant : callOptions['indices'],
  );
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const indices = list.map((index) => {
    const at = wholeOf(layer, index, 'indices');
    return at < 0 ? at + length : at;
  });
  if (indices.some((at) => at < 0 || at >= length)) {
    throw layer.options.malformed(`indices ${shortText(value)} are beyond an axis of ${length}`);
  }
  const output = pick(layer, anyInput(layer), axis, indices);
  return {
    outputs: [Array.isArray(value) ? output : squeezed(layer, output, [axis])],
    streaming: streamingOf(layer),
  };
};

/** Repeat: each index of an axis several times. */
export const repeat: LayerBuilder = (layer) => {
  const [axis, length] = oneAxis(layer);
  const value = plainValue(layer.options.raw('repeats'));
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const times = list.map((count) => wholeOf(layer, count, 'repeats'));
  const of = (i: number): number => times[times.length === 1 ? 0 : i] ?? 0;
  const count = range(length, of).reduce((sum, each) => sum + each, 0);
  checkCount(layer, count);
  return picked(
    layer,
    axis,
    range(length, (i) => i).flatMap((i) => range(of(i), () => i)),
  );
};

/** Tile: whole axes several times, one after the other. */
export const tile: LayerBuilder = (layer) => {
  const { options } = layer;
  const value = plainValue(options.raw('repeats'));
  const times = (Array.isArray(value) ? value : [value]).map((count) =>
    wholeOf(layer, count, 'repeats'),
  );
  let tensor = anyInput(layer);
  const rank = rankOf(tensor);
  if (times.length > rank + 1 || (times.length === rank + 1 && times[0] !== 1)) {
    throw options.refused(`repeats=${shortText(value)}: the batch must not be repeated`);
  }
  for (const [i, count] of times.entries()) {
    const axis = rank - times.length + i;
    if (axis >= 0 && count !== 1) {
      const length = lengthOf(layer, tensor, axis);
      checkCount(layer, count * length);
      tensor = pick(
        layer,
        tensor,
        axis,
        range(count * length, (k) => k % length),
      );
    }
  }
  return { outputs: [{ ...tensor, mask: null }], streaming: streamingOf(layer) };
};

/** Diff: the differences of neighbours along an axis. */
export const diff: LayerBuilder = (layer) => {
  const { options, builder, name } = layer;
  const axes = readAxes(options, 'axis', options.raw('axis') ?? -1, rankOf(anyInput(layer)));
  const [axis = 0] = axes;
  let tensor = anyInput(layer);
  for (let n = wholeOf(layer, options.raw('n') ?? 1, 'n'); n > 0; n -= 1) {
    const length = lengthOf(layer, tensor, axis);
    if (length < 2) {
      throw options.malformed('an axis of one has no differences');
    }
    const later = pick(
      layer,
      tensor,
      axis,
      range(length - 1, (i) => i + 1),
    );
    const earlier = pick(
      layer,
      tensor,
      axis,
      range(length - 1, (i) => i),
    );
    const size = rowSizeOf(later);
    const rows = (of: Tensor): Rows => new Rows(builder, name, of.value, size);
    tensor = { ...later, value: rows(later).merge('subtract', rows(earlier)).value };
  }
  return { outputs: [{ ...tensor, mask: null }], streaming: streamingOf(layer) };
};

/** Moveaxis: one axis to another place. */
export const moveAxis: LayerBuilder = (layer) => {
  const { options } = layer;
  const input = anyInput(layer);
  const rank = rankOf(input);
  const [from = 0] = readAxes(options, 'source', options.raw('source'), rank);
  const [to = 0] = readAxes(options, 'destination', options.raw('destination'), rank);
  const order = range(rank, (axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  const math = arrayMath(layer, 'it makes features of the steps, which needs all of them');
  return builtArray(layer, math, math.transpose(arrayOf(input), order));
};

/** Tril and Triu: zeros above, or below, a diagonal of the last two axes. */
export const triangle =
  (isLower: boolean): LayerBuilder =>
  (layer) => {
    const math = arrayMath(layer, 'it is over the steps of a window, and needs all of them');
    const array = arrayOf(anyInput(layer));
    const diagonal = wholeOf(layer, layer.options.raw('k') ?? 0, 'k');
    const [rows = 1, columns = 1] = array.shape.slice(-2);
    const kept = Float32Array.from({ length: rows * columns }, (_, i) => {
      const above = (i % columns) - Math.floor(i / columns) - diagonal;
      return (isLower ? above <= 0 : above >= 0) ? 1 : 0;
    });
    const made = math.affine(array, kept, new Float32Array(kept.length));
    return builtArray(layer, math, math.reshape(made, array.shape));
  };

function picked(layer: LayerContext, axis: number, indices: readonly number[]): BuiltLayer {
  const output = pick(layer, anyInput(layer), axis, indices);
  return { outputs: [{ ...output, mask: null }], streaming: streamingOf(layer) };
}
