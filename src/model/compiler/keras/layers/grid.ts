import type { Shape } from '../../shape.js';
import { outputsOf } from '../../taps.js';
import { samePadding, type Span, type SpanSizes } from '../../span.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';

/** The input of a layer over several axes: (..., features). */
export interface Grid {
  readonly input: Tensor;
  /** Sizes of the axes before the features. */
  readonly sizes: Shape;
  readonly features: number;
}

/**
 * The only input of a layer over `rank` axes and features behind them.
 *
 * @throws LstmdError `model.malformed` where it has another number of axes, `model.refused` as `anyInput` does and
 *   for any number of steps
 */
export function onlyGrid(layer: LayerContext, rank: number): Grid {
  const { options } = layer;
  const input = anyInput(layer);
  const shape = shapeOf(input);
  if (shape.length !== rank + 1) {
    throw options.malformed(
      `its input has ${shape.length} axes beside the batch, and it takes ${rank + 1}`,
    );
  }
  if (shape.includes(null)) {
    throw options.refused('over any number of steps its output has no size; give a window');
  }
  const sizes = shape.slice(0, -1).map(Number);
  return { input, sizes, features: Number(shape.at(-1)) };
}

/** A whole number above zero for each of `rank` axes: one for all of them, or a list. */
export function sizesOfAxes(
  { options }: LayerContext,
  key: string,
  rank: number,
  fallback: Shape,
): Shape {
  const given = options.sizes(key, fallback);
  const sizes = given.length === 1 ? Array.from({ length: rank }, () => given[0] ?? 1) : given;
  if (sizes.length !== rank || sizes.some((size) => size < 1)) {
    throw options.malformed(`${key} ${shortText(given)} is not ${rank} whole numbers above zero`);
  }
  return sizes;
}

/**
 * The spans along each axis, with the padding that the option `padding` names.
 *
 * @throws LstmdError `model.malformed` for another padding, and where an axis is too short for one output
 */
export function spansOf(
  { options }: LayerContext,
  sizes: Shape,
  spanSizes: readonly SpanSizes[],
): readonly Span[] {
  const padding = options.raw('padding') ?? 'valid';
  if (padding !== 'valid' && padding !== 'same') {
    throw options.malformed(`padding ${shortText(padding)} is not known`);
  }
  return spanSizes.map((axis, i) => {
    const size = sizes[i] ?? 1;
    const ends = padding === 'same' ? samePadding(size, axis) : undefined;
    const span = { ...axis, ...(ends ?? { before: 0, after: 0 }) };
    if (outputsOf(size, span) < 1) {
      throw options.malformed(`an axis of ${size} is shorter than what it looks at`);
    }
    return span;
  });
}
