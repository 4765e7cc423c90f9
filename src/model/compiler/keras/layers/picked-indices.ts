import { stridedIndices, stridesOf, type Shape } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import { Rows } from '../../operations/rows.js';
import type { LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { rankOf, readAxes } from './over-axes.js';

/** The one axis that an operation is along, and its length. */
export function oneAxis(layer: LayerContext): readonly [number, number] {
  const { options } = layer;
  const input = anyInput(layer);
  const [axis, ...more] = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
  if (axis === undefined || more.length > 0) {
    throw options.refused('several axes at once are not supported');
  }
  return [axis, lengthOf(layer, input, axis)];
}

/** The length of an axis; throws LstmdError `model.refused` where it is not known. */
export function lengthOf({ options }: LayerContext, tensor: Tensor, axis: number): number {
  const length =
    axis === rankOf(tensor) - 1 && tensor.form === 'sequence' ? tensor.size : shapeOf(tensor)[axis];
  if (length === null || length === undefined) {
    throw options.refused('over any number of steps it has no end; give a window');
  }
  return length;
}

/** The indices of an axis in this order; -1 for zeros. */
export function pick(
  layer: LayerContext,
  tensor: Tensor,
  axis: number,
  indices: readonly number[],
): Tensor {
  const { builder, name, options } = layer;
  if (indices.length === 0) {
    throw options.refused('an empty part of a tensor is not supported');
  }
  const isFeatures =
    axis === rankOf(tensor) - 1 && (tensor.form === 'sequence' || tensor.form === 'vector');
  if (isFeatures) {
    const rows = new Rows(builder, name, tensor.value, tensor.size).gather(
      Int32Array.from(indices),
    );
    return { ...tensor, value: rows.value, size: rows.size, mask: null };
  }
  const math = arrayMath(layer, 'it picks steps of a window');
  const array = arrayOf(tensor);
  const shape: Shape = array.shape.map((size, i) => (i === axis ? indices.length : size));
  math.checkedFloats(shape);
  const strides = stridesOf(array.shape);
  const others = stridedIndices(
    shape,
    strides.map((stride, i) => (i === axis ? 0 : stride)),
  );
  const position = stridedIndices(
    shape,
    strides.map((_, i) => (i === axis ? 1 : 0)),
  );
  const along = strides[axis] ?? 1;
  const whole = others.map((offset, i) => {
    const index = indices[position[i] ?? 0] ?? -1;
    return index < 0 ? -1 : offset + index * along;
  });
  return arrayTensor(layer, math, math.gather(array, shape, whole));
}

/** A whole number of the file; throws LstmdError `model.refused`. */
export function wholeOf({ options }: LayerContext, value: unknown, key: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw options.refused(`${key}=${shortText(value)} is not whole numbers that the file has`);
  }
  return value;
}

/** An axis far beyond what a window has would take memory before it is refused. */
export function checkCount({ options }: LayerContext, count: number): void {
  if (count > 2 ** 20 || count < 1) {
    throw options.refused(`an axis of ${count} is not supported`);
  }
}

/** Returns what a function gives for 0 and each index behind it. */
export function range<T>(count: number, of: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => of(i));
}

/** How it streams, for people to read. */
export function streamingOf({ builder }: LayerContext): string {
  return builder.kind === 'step' ? 'pointwise' : 'whole window';
}
