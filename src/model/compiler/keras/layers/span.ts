import { rateAfter, type StepRate } from '../../rate.js';
import { reachOf, samePadding, type Padding, type Span, type SpanSizes } from '../../span.js';
import type { Tensor } from '../../tensor.js';
import { stepsText, type LayerContext } from '../layer-builder/layer-context.js';
import {
  onlyInputWithPadding,
  requireSequence,
  requireValue,
} from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';

/** The span of a convolution or a pool over the steps of its input. */
export interface LayerSpan {
  readonly input: Tensor;
  readonly span: Span;
  readonly reach: number;
  /** When the outputs come. */
  readonly rate: StepRate;
  /** How the layer streams, for people to read. */
  readonly streaming: string;
}

/**
 * Reads `padding`, and works out which inputs each output covers.
 *
 * @throws LstmdError `model.malformed` when the window is too short for one output, `model.refused`
 *   where the padding cannot be known
 */
export function readSpan(layer: LayerContext, sizes: SpanSizes): LayerSpan {
  const { options } = layer;
  const input = onlyInputWithPadding(layer);
  requireSequence(layer, input);
  const reach = reachOf(sizes);
  const span = { ...sizes, ...readPadding(layer, input, sizes, reach) };
  const rate = rateAfter(span, input.rate);
  if (rate.count !== null && rate.count < 1) {
    throw options.malformed(
      `its ${input.rate.count} steps are fewer than the ${reach} that it looks at`,
    );
  }
  if (span.after > 0) {
    layer.builder.ruleOut(
      ['sequence', 'sliding'],
      layer,
      `its padding looks ${stepsText(span.after)} ahead, beyond the window's end; in mode continuous it answers as much later`,
    );
  }
  const delay = span.after * input.rate.stride;
  return {
    input,
    span,
    reach,
    rate,
    streaming: `ring of ${stepsText(reach - 1)}${delay > 0 ? `, ${delay} samples behind` : ''}`,
  };
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
