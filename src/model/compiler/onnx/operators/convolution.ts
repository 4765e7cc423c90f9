import { addConv } from '../../operations/conv.js';
import { coveredSpan, type Steps } from '../../operations/covered-span.js';
import { addPool } from '../../operations/pool.js';
import { everySample } from '../../rate.js';
import { hasEmptyOutput, reachOf, samePadding, type Padding, type Span } from '../../span.js';
import type { NodeContext } from '../node-context.js';
import { axesOf, pickedAlong, renamed, streamOf, transposed } from '../values/gathered.js';
import { plain, type Axis, type Stream, type Value } from '../values/value.js';
import { checkSize } from './constants.js';
import type { KernelWeights } from './kernel-weights.js';
import { shapeText, type Operator } from './operator.js';
import { notTheTime, plainConvolution } from './plain-convolution.js';

/** Axes of a tensor (batch, channels, length), of which one of 1 may stand before or behind the length. */
export interface Layout {
  readonly stream: Stream;
  /** Says which of the two axes behind the channels is the length, where there are two. */
  readonly along: number;
  readonly spatial: number;
}

/** Conv over time: 1-D, or 2-D with one axis of 1. */
export function timeConvolution(node: NodeContext, { w, b }: KernelWeights): Value {
  const { options } = node;
  const layout = readLayout(node, w.shape.slice(2));
  const [filters = 0, inner = 0] = w.shape;
  const groups = options.int('group', 1);
  const size = w.shape[2 + layout.along] ?? 1;
  const channels = layout.stream.axes[1]?.size ?? 0;
  if (
    w.shape.length !== layout.spatial + 2 ||
    inner * groups !== channels ||
    filters % groups !== 0
  ) {
    throw options.malformed(
      `its weights of shape ${shapeText(w)} do not fit ${shapeText(layout.stream)}`,
    );
  }
  const floats = node.floats(w, 'weights');
  const kernel = new Float32Array(floats.length);
  for (let filter = 0; filter < filters; filter += 1) {
    for (let channel = 0; channel < inner; channel += 1) {
      for (let k = 0; k < size; k += 1) {
        kernel[(k * inner + channel) * filters + filter] =
          floats[(filter * inner + channel) * size + k] ?? 0;
      }
    }
  }
  const span = readSpan(node, layout, size);
  const bias = b === undefined ? null : node.floats(b, 'bias');
  if (node.isStep && layout.stream.axes[2]?.kind !== 'time') {
    const weights = { floats, filters, inner, groups, bias };
    const made =
      layout.spatial === 1 ? plainConvolution(node, layout.stream, span, weights) : undefined;
    return made ?? notTheTime(node, layout.stream);
  }
  return overSteps(node, layout, span, filters, (steps, own) => {
    const covered = coveredSpan(node, steps, own);
    const value = addConv(node, covered, {
      filters,
      groups,
      kernel,
      bias,
      activation: { kind: 'linear' },
    });
    node.streaming = node.isStep ? covered.streaming : 'whole window';
    return { value, size: filters, rate: covered.rate };
  });
}

/** MaxPool and AveragePool over time. */
export const pool =
  (operation: 'maximum' | 'average'): Operator =>
  (node) => {
    const { options } = node;
    const shape = options.ints('kernel_shape');
    if (shape === undefined) {
      throw options.malformed('it has no kernel_shape');
    }
    const given = readLayout(node, shape);
    const size = shape[given.along] ?? 1;
    if (node.isStep && given.stream.axes[2]?.kind !== 'time') {
      notTheTime(node, given.stream);
    }
    options.ignore('storage_order');
    const declared = readSpan(node, given, size);
    const isCounted = operation === 'average' && options.int('count_include_pad', 0) === 1;
    const { layout, span } = isCounted
      ? withCounted(node, given, declared)
      : { layout: given, span: declared };
    options.ignore('count_include_pad');
    if (hasEmptyOutput(span, layout.stream.axes[2]?.size ?? 1)) {
      throw options.refused('it pools padding alone, of which there is neither mean nor maximum');
    }
    if (layout.stream.padding !== undefined) {
      node.array(layout.stream);
    }
    const channels = layout.stream.axes[1]?.size ?? 0;
    return [
      overSteps(node, layout, span, channels, (steps, own) => {
        const covered = coveredSpan(node, steps, own);
        const value = addPool(node, operation, covered);
        node.streaming = node.isStep ? covered.streaming : 'whole window';
        return { value, size: channels, rate: covered.rate };
      }),
    ];
  };

/** Finds the length, which the kernel looks along, and drops another axis of 1. */
export function readLayout(node: NodeContext, kernel: readonly number[]): Layout {
  const { options } = node;
  const given = node.stream(0);
  const spatial = given.axes.length - 2;
  if (spatial !== 1 && spatial !== 2) {
    throw options.refused(`over ${spatial} axes (an image or a volume) it is not supported`);
  }
  const along = spatial === 1 || (given.axes[3]?.size === 1 && (kernel[1] ?? 1) === 1) ? 0 : 1;
  const other = along === 0 ? 3 : 2;
  if (spatial === 2 && (given.axes[other]?.size !== 1 || (kernel[1 - along] ?? 1) !== 1)) {
    throw options.refused(
      `over two axes of ${shapeText(given)} it is an image's, which is not supported`,
    );
  }
  const axes = given.axes.filter((_, axis) => spatial === 1 || axis !== other);
  const [batch, channels, length] = axes;
  if (
    batch?.kind === 'time' ||
    channels?.kind === 'time' ||
    channels?.kind === 'batch' ||
    length?.kind === 'batch'
  ) {
    throw options.conflict('it takes (batch, channels, time), which its input is not');
  }
  if (length?.kind === 'time') {
    node.terms.anchored();
  }
  return { stream: { ...given, axes }, along, spatial };
}

/** The zeros of a padding that count in the mean are steps like others. */
function withCounted(
  node: NodeContext,
  layout: Layout,
  { before, after, ...sizes }: Span,
): { readonly layout: Layout; readonly span: Span } {
  const { stream } = layout;
  const steps = stream.axes[2]?.size ?? 1;
  if (before === 0 && after === 0) {
    return { layout, span: { ...sizes, before, after } };
  }
  if (node.options.int('ceil_mode', 0) === 1) {
    throw node.options.refused('count_include_pad=1 with ceil_mode=1 is not supported');
  }
  node.requireWindow('the zeros before and after the window count in its means');
  checkSize(node, [before + steps + after]);
  const kept = Array.from({ length: before + steps + after }, (_, i) =>
    i >= before && i < before + steps ? i - before : -1,
  );
  const axis = { size: kept.length, kind: stream.axes[2]?.kind ?? 'plain' };
  const padded = streamOf(pickedAlong(node, stream, 2, kept, axis));
  return { layout: { ...layout, stream: padded }, span: { ...sizes, before: 0, after: 0 } };
}

export function readSpan(
  node: NodeContext,
  { stream, along, spatial }: Layout,
  size: number,
): Span {
  const { options } = node;
  const one = (key: string): number => options.ints(key)?.[along] ?? 1;
  const sizes = { size, stride: one('strides'), dilation: one('dilations') };
  if (size < 1 || sizes.stride < 1 || sizes.dilation < 1) {
    throw options.malformed('its kernel, strides and dilations are whole numbers above zero');
  }
  const pads = options.ints('pads') ?? [];
  const other = spatial === 2 ? [pads[1 - along] ?? 0, pads[3 - along] ?? 0] : [];
  if (other.some((pad) => pad !== 0)) {
    throw options.refused('padding of the axis of 1 is not supported');
  }
  const own = { before: pads[along] ?? 0, after: pads[along + spatial] ?? 0 };
  if (own.before < 0 || own.after < 0) {
    throw options.malformed('its pads are below zero');
  }
  const padding = { ...automatic(node, sizes, own, stream), ...sizes };
  return options.int('ceil_mode', 0) === 1 ? roundedUp(node, stream, padding) : padding;
}

/** A span with one output more where steps are left over, unless that began behind the window and its padding. */
function roundedUp(node: NodeContext, stream: Stream, span: Span): Span {
  const length = lengthKnown(node, stream, span);
  const rest = (length + span.before + span.after - reachOf(span)) % span.stride;
  const after = rest === 0 ? span.after : span.after + span.stride - rest;
  const start = length + span.before + after - reachOf(span);
  return start < length + span.before ? { ...span, after } : span;
}

/** The length that a span runs along, where its padding hangs on it. */
function lengthKnown(node: NodeContext, stream: Stream, { stride }: Pick<Span, 'stride'>): number {
  const [, , length] = stream.axes;
  if (length?.kind === 'time' && !node.terms.isTimeKnown && stride > 1) {
    node.requireWindow('the length of the window decides its padding');
  }
  return length?.size ?? 1;
}

function automatic(
  node: NodeContext,
  sizes: Pick<Span, 'size' | 'stride' | 'dilation'>,
  own: Padding,
  stream: Stream,
): Padding {
  const auto = node.options.string('auto_pad', 'NOTSET');
  const pending = stream.padding ?? { before: 0, after: 0 };
  if (auto === 'NOTSET') {
    return { before: own.before + pending.before, after: own.after + pending.after };
  }
  if (auto === 'VALID') {
    return { before: pending.before, after: pending.after };
  }
  const same = samePadding(lengthKnown(node, stream, sizes), sizes);
  if (same === undefined || (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER')) {
    throw node.options.refused(`auto_pad="${auto}" is not supported`);
  }
  return auto === 'SAME_UPPER' ? same : { before: same.after, after: same.before };
}

/** Runs a span over the length of its input as steps of channels; gives (batch, channels, length) again. */
export function overSteps(
  node: NodeContext,
  { stream, along, spatial }: Layout,
  span: Span,
  channels: number,
  add: (steps: Steps, span: Span) => Steps,
): Value {
  const [batch = plain(1), inputs = plain(1), length = plain(1)] = stream.axes;
  const pending = stream.padding ?? { before: 0, after: 0 };
  const samples = length.size - pending.before - pending.after;
  const reach = reachOf(span);
  const size = Math.floor((samples + span.before + span.after - reach) / span.stride) + 1;
  if (size < 1) {
    throw node.options.malformed(
      `its ${samples} steps are fewer than the ${reach} that it looks at`,
    );
  }
  const { padding: _padding, ...bare } = stream;
  // Zeros beyond the reach of an output are steps of their own.
  const isFar = span.before >= reach || span.after >= reach;
  if (isFar) {
    node.requireWindow('it pads the window with more steps than it looks at');
  }
  const axis: Axis = length.kind === 'time' ? { size, kind: 'time' } : plain(size);
  const made = [batch, plain(channels), axis];
  let result: Value;
  if (node.isStep) {
    // A causal convolution that is padded behind as well gives steps after the window's last, which a Slice drops.
    const isCausal = span.stride === 1 && span.before === reach - 1 && span.after > 0;
    const own = isCausal ? { ...span, after: 0 } : span;
    const steps = add({ value: node.array(bare).value, size: inputs.size, rate: stream.rate }, own);
    const padding = isCausal ? { padding: { before: 0, after: span.after, node } } : {};
    result = { kind: 'stream', axes: made, value: steps.value, rate: steps.rate, ...padding };
  } else {
    const turned = transposed(node, bare, [0, 2, 1]);
    const value = node.math.asSteps(node.array(streamOf(turned)), inputs.size);
    const steps =
      isFar && node.builder.kind === 'window'
        ? add(
            {
              value: node.builder.pad(node.name, value, span.before, span.after),
              size: inputs.size,
              rate: everySample(span.before + length.size + span.after),
            },
            { ...span, before: 0, after: 0 },
          )
        : add({ value, size: inputs.size, rate: everySample(length.size) }, span);
    const { rate } = stream;
    result = transposed(
      node,
      { kind: 'stream', axes: [batch, axis, plain(channels)], value: steps.value, rate },
      [0, 2, 1],
    );
  }
  if (spatial === 1) {
    return result;
  }
  const axes = [...axesOf(result)];
  axes.splice(along === 0 ? 3 : 2, 0, plain(1));
  return renamed(result, axes);
}
