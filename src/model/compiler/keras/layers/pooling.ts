import type { PoolOp, ValueId } from '../../../plan/step-op.js';
import type { WindowBuilder } from '../../window-builder.js';
import { onlySequence, plain } from '../layer-builder/layer-inputs.js';
import {
  ruleOut,
  wholeWindow,
  type LayerBuilder,
  type LayerContext,
  type Tensor,
} from '../layer-builder/layer-builder.js';
import { placeSpan, type PlacedSpan } from './span.js';

/** MaxPooling1D, AveragePooling1D. */
export const pooling =
  (operation: PoolOp['operation']): LayerBuilder =>
  (layer) => {
    const { options, builder } = layer;
    const [input] = layer.inputs;
    // A pool counts zeros that were put in, unlike its own padding.
    if (input !== undefined) {
      plain(layer, input);
    }
    const size = options.sizeOfAxis('pool_size', 2);
    const stride = options.sizeOfAxis('strides', size);
    const placed = placeSpan(layer, { size, stride, dilation: 1 });
    const { cadence, streaming } = placed;
    const value =
      builder.kind === 'window' && placed.span.after > 0
        ? pooledWithEdge(layer, builder, operation, placed)
        : pooled(layer, operation, placed, cadence.count);
    return {
      outputs: [{ value, size: placed.input.size, form: 'sequence', cadence, mask: null }],
      streaming,
    };
  };

function pooled(
  { name, builder }: LayerContext,
  operation: PoolOp['operation'],
  { input, span, reach }: PlacedSpan,
  count: number | null,
): ValueId {
  const output = builder.value(input.size, count);
  builder.add({
    kind: 'pool',
    layer: name,
    input: input.value,
    output,
    operation,
    size: span.size,
    stride: span.stride,
    dilation: 1,
    padBefore: span.before,
    historyOffset: builder.remember(name, 'history', (reach - 1) * input.size),
    countOffset: builder.remember(name, 'counter', 1),
    seenOffset: span.before > 0 ? builder.remember(name, 'counter', 1) : null,
  });
  return output;
}

const mostEdges = 1024;

/**
 * Outputs that reach beyond the end of the window, of which the padding is not counted: each is a
 * pool over the steps that are left; all are put together by adding them where others are zero.
 */
function pooledWithEdge(
  layer: LayerContext,
  builder: WindowBuilder,
  operation: PoolOp['operation'],
  placed: PlacedSpan,
): ValueId {
  const { name } = layer;
  const { input, span, reach } = placed;
  const steps = builder.stepsOf(input.value);
  const count = placed.cadence.count ?? 0;
  const inside = Math.max(0, Math.floor((steps + span.before - reach) / span.stride) + 1);
  if (count - inside > mostEdges) {
    throw layer.options.refused(
      `${count - inside} of its outputs reach beyond the window, more than ${mostEdges}`,
    );
  }
  const place = (value: ValueId, before: number, after: number): ValueId => {
    const output = builder.value(input.size, count);
    builder.addWindowOp({
      kind: 'pad',
      layer: name,
      input: value,
      output,
      before,
      after,
      value: 0,
    });
    return output;
  };
  const parts: ValueId[] =
    inside > 0 ? [place(pooled(layer, operation, placed, inside), 0, count - inside)] : [];
  for (let at = inside; at < count; at += 1) {
    const before = Math.max(0, at * span.stride - span.before);
    const rest = builder.value(input.size, steps - before);
    builder.addWindowOp({ kind: 'crop', layer: name, input: input.value, output: rest, before });
    parts.push(place(pooledAll(layer, operation, { ...input, value: rest }), at, count - 1 - at));
  }
  const [first] = parts;
  if (first === undefined || parts.length === 1) {
    return first ?? input.value;
  }
  const output = builder.value(input.size, count);
  builder.add({
    kind: 'merge',
    layer: name,
    input: first,
    inputs: parts,
    operation: 'add',
    output,
  });
  return output;
}

function pooledAll(
  { name, builder }: LayerContext,
  operation: PoolOp['operation'],
  input: Tensor,
): ValueId {
  const output = builder.value(input.size, 1);
  builder.add({
    kind: 'globalPool',
    layer: name,
    input: input.value,
    output,
    operation,
    accOffset: builder.remember(name, 'accumulator', input.size),
    countOffset: builder.remember(name, 'counter', 1),
    // Keras averages unmasked steps only, but takes the maximum of all.
    mask: operation === 'average' ? input.mask : null,
  });
  return output;
}

/** GlobalAveragePooling1D, GlobalMaxPooling1D: over the steps of the window so far. */
export const globalPooling =
  (operation: PoolOp['operation']): LayerBuilder =>
  (layer) => {
    const { options } = layer;
    const input = onlySequence(layer);
    options.only('data_format', 'channels_last', 'the features must be the last axis');
    ruleOut(
      layer,
      layer,
      ['continuous'],
      'it is over all steps of a window, and a stream has no end',
    );
    const { size, cadence } = input;
    const isSequence = options.boolean('keepdims', false);
    if (isSequence) {
      wholeWindow(layer, layer, 'keepdims=true makes a sequence of one step of the window');
    }
    const value = pooledAll(layer, operation, input);
    return {
      outputs: [
        isSequence
          ? { value, size, form: 'sequence', cadence: { ...cadence, count: 1 }, mask: null }
          : { value, size, form: 'vector', cadence, mask: null, mayLack: input.mask !== null },
      ],
      streaming: operation === 'average' ? 'running mean' : 'running maximum',
    };
  };
