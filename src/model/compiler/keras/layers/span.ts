import { reachOf, samePadding, spanned, type Cadence, type Span } from '../../rate.js';
import { padded, plain, sequential } from '../layer-builder/layer-inputs.js';
import {
  ruleOut,
  stepsText,
  type LayerContext,
  type Tensor,
} from '../layer-builder/layer-builder.js';

/** A convolution or a pool over the steps of its input. */
export interface PlacedSpan {
  readonly input: Tensor;
  readonly span: Span;
  readonly reach: number;
  readonly cadence: Cadence;
  readonly streaming: string;
}

/**
 * Reads `padding`, and says when the outputs come.
 *
 * @throws LstmdError `model.malformed` when the window is too short to have one
 */
export function placeSpan(
  layer: LayerContext,
  sizes: Pick<Span, 'size' | 'stride' | 'dilation'>,
): PlacedSpan {
  const { options } = layer;
  options.only('data_format', 'channels_last', 'the features must be the last axis');
  const input = padded(layer);
  sequential(layer, input);
  const reach = reachOf(sizes);
  const span = { ...sizes, ...paddingOf(layer, input, sizes, reach) };
  const cadence = spanned(input.cadence, span);
  if (cadence.count !== null && cadence.count < 1) {
    throw options.malformed(
      `its ${input.cadence.count} steps are fewer than the ${reach} that it looks at`,
    );
  }
  if (span.after > 0) {
    ruleOut(
      layer,
      layer,
      ['sequence', 'sliding'],
      `its padding looks ${stepsText(span.after)} ahead, beyond the window's end; in mode continuous it answers as much later`,
    );
  }
  const delay = span.after * input.cadence.stride;
  return {
    input,
    span,
    reach,
    cadence,
    streaming: `ring of ${stepsText(reach - 1)}${delay > 0 ? `, ${delay} samples behind` : ''}`,
  };
}

function paddingOf(
  layer: LayerContext,
  input: Tensor,
  sizes: Pick<Span, 'size' | 'stride' | 'dilation'>,
  reach: number,
): Pick<Span, 'before' | 'after'> {
  const { options } = layer;
  const padding = options.raw('padding') ?? 'valid';
  if (padding === 'valid') {
    const { before, after } = input.padding ?? { before: 0, after: 0 };
    // What is padded beyond the first output's reach would be steps of its own.
    if (before >= reach) {
      plain(layer, input);
    }
    return { before, after };
  }
  plain(layer, input);
  if (padding === 'causal') {
    return { before: reach - 1, after: 0 };
  }
  if (padding !== 'same') {
    throw options.malformed(`padding ${JSON.stringify(padding)} is not known`);
  }
  const same = samePadding(input.cadence.count, sizes);
  if (same === undefined) {
    throw options.refused(
      'padding="same" with a stride hangs on the number of steps; give a window',
    );
  }
  return same;
}
