import { coveredSpan, type CoveredSpan } from '../../operations/covered-span.js';
import { reachOf, samePadding, type Padding, type SpanSizes } from '../../span.js';
import type { Tensor } from '../../tensor.js';
import type { LayerContext } from '../layer-builder/layer-context.js';
import {
  onlyInputWithPadding,
  requireSequence,
  requireValue,
} from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';

/**
 * Reads `padding`, and works out which inputs each output covers.
 *
 * @throws LstmdError `model.malformed` when the window is too short for one output, `model.refused`
 *   where the padding cannot be known
 */
export function readSpan(layer: LayerContext, sizes: SpanSizes): CoveredSpan {
  const input = onlyInputWithPadding(layer);
  requireSequence(layer, input);
  const reach = reachOf(sizes);
  const span = { ...sizes, ...readPadding(layer, input, sizes, reach) };
  return coveredSpan(layer, input, span);
}

function readPadding(layer: LayerContext, input: Tensor, sizes: SpanSizes, reach: number): Padding {
  const { options } = layer;
  const padding = options.raw('padding') ?? 'valid';
  if (padding === 'valid') {
    const { before, after } = input.padding ?? { before: 0, after: 0 };
    // Zeros beyond the reach of the first output would be steps of their own.
    if (before >= reach) {
      requireValue(layer, input);
    }
    return { before, after };
  }
  requireValue(layer, input);
  if (padding === 'causal') {
    return { before: reach - 1, after: 0 };
  }
  if (padding !== 'same') {
    throw options.malformed(`padding ${shortText(padding)} is not known`);
  }
  const same = samePadding(input.rate.count, sizes);
  if (same === undefined) {
    throw options.refused(
      'padding="same" with a stride hangs on the number of steps; give a window',
    );
  }
  return same;
}
