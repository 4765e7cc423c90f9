import type { Activation, ValueId } from '../../plan/stream-plan.js';
import type { CoveredSpan } from './covered-span.js';
import type { Site } from './site.js';

/** The weights of a convolution over time. */
export interface ConvWeights {
  readonly filters: number;
  readonly groups: number;
  /** (size, inputs / groups, filters), row-major. */
  readonly kernel: Float32Array;
  /** (filters), or null. */
  readonly bias: Float32Array | null;
  readonly activation: Activation;
}

/** Adds a convolution over the last inputs, which the state keeps in a ring; returns its value. */
export function addConv(
  { name, builder }: Site,
  { input, span, reach, rate }: CoveredSpan,
  { filters, groups, kernel, bias, activation }: ConvWeights,
): ValueId {
  const output = builder.value(filters, rate.count);
  // A stream has no zeros after the window's last step, and answers later instead.
  const padded =
    builder.kind === 'window' && span.after > 0
      ? builder.pad(name, input.value, 0, span.after)
      : input.value;
  builder.add({
    kind: 'conv',
    layer: name,
    input: padded,
    output,
    size: span.size,
    stride: span.stride,
    dilation: span.dilation,
    padBefore: span.before,
    kernel,
    bias,
    groups,
    activation,
    historyOffset: builder.reserveState(name, 'history', (reach - 1) * input.size),
    countOffset: builder.reserveState(name, 'counter', 1),
  });
  return output;
}
