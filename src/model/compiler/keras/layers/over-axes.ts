import { product } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { LayerContext } from '../layer-builder/layer-context.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { Rows } from '../../operations/rows.js';

/** Axes of a tensor without the batch, counted from 0. */
export function rankOf(tensor: Tensor): number {
  return tensor.rank ?? shapeOf(tensor).length;
}

/**
 * The axes that an option names, counted from 0 without the batch, in rising order.
 *
 * @param value a number, a list of numbers, or null for all axes
 * @throws LstmdError `model.refused` for the axis of the batch, `model.malformed` for one that there is not
 */
export function readAxes(
  options: LayerOptions,
  key: string,
  value: unknown,
  rank: number,
): number[] {
  const plain = plainValue(value);
  if (plain === null || plain === undefined) {
    throw options.refused(`${key}=None is over the batch too, which a stream does not have`);
  }
  const list: readonly unknown[] = Array.isArray(plain) ? plain : [plain];
  const axes = list.map((axis) => {
    if (
      typeof axis !== 'number' ||
      !Number.isSafeInteger(axis) ||
      axis > rank ||
      axis < -rank - 1
    ) {
      throw options.malformed(`${key}=${shortText(value)} is no axis of its input`);
    }
    const own = axis < 0 ? axis + rank : axis - 1;
    if (own < 0) {
      throw options.refused(
        `${key}=${shortText(value)}: axis 0 is the batch, which a stream does not have`,
      );
    }
    return own;
  });
  return [...new Set(axes)].sort((a, b) => a - b);
}

/**
 * Applies arithmetic to the floats along some axes of a tensor, by themselves for each index of the
 * other axes. What comes out has as many floats along these axes as before, or one.
 *
 * @returns the tensor with all of its axes; the mask is handed on
 * @throws NeedsWindow where the axes are not the features of one step
 */
export function overAxes(
  layer: LayerContext,
  input: Tensor,
  axes: readonly number[],
  compute: (rows: Rows) => Rows,
): Tensor {
  const { name, builder } = layer;
  const rank = rankOf(input);
  const isLast = axes.length === 1 && axes[0] === rank - 1;
  if (isLast && (input.form === 'sequence' || input.form === 'vector')) {
    const rows = compute(new Rows(builder, name, input.value, input.size));
    return { ...input, value: rows.value, size: rows.size };
  }
  const math = arrayMath(layer, 'it is over the steps of a window, and needs all of them');
  const array = arrayOf(input);
  const kept = array.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const turned = math.transpose(array, order);
  const run = product(axes.map((axis) => array.shape[axis] ?? 1));
  const rows = compute(new Rows(builder, name, math.asSteps(turned, run), run));
  if (rows.size === 1) {
    const shape = array.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return arrayTensor(layer, math, { value: rows.value, shape });
  }
  const back = order.map((_, axis) => order.indexOf(axis));
  const restored = math.transpose({ value: rows.value, shape: turned.shape }, back);
  return arrayTensor(layer, math, restored, input.mask);
}
