import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireValue } from '../layer-builder/layer-inputs.js';
import type { WindowBuilder } from '../../window-builder.js';
import type { PoolOp, ValueId } from '../../../plan/step-op.js';
import { globallyPooled } from './global-pooling.js';
import { readSpan, type LayerSpan } from './span.js';

/** MaxPooling1D and AveragePooling1D: each feature over the last inputs. */
export const pooling =
  (operation: PoolOp['operation']): LayerBuilder =>
  (layer) => {
    const { options, builder } = layer;
    const [input] = layer.inputs;
    // Zeros that a layer before has added count in a pool, unlike its own padding.
    if (input !== undefined) {
      requireValue(layer, input);
    }
    const size = options.sizeOfAxis('pool_size', 2);
    const stride = options.sizeOfAxis('strides', size);
    const layerSpan = readSpan(layer, { size, stride, dilation: 1 });
    const { rate, streaming } = layerSpan;
    const value =
      builder.kind === 'window' && layerSpan.span.after > 0
        ? pooledBeyondEnd(layer, builder, operation, layerSpan)
        : pooled(layer, operation, layerSpan, rate.count);
    return {
      outputs: [{ value, size: layerSpan.input.size, form: 'sequence', rate, mask: null }],
      streaming,
    };
  };

function pooled(
  { name, builder }: LayerContext,
  operation: PoolOp['operation'],
  { input, span, reach }: LayerSpan,
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
    historyOffset: builder.reserveState(name, 'history', (reach - 1) * input.size),
    countOffset: builder.reserveState(name, 'counter', 1),
    seenOffset: span.before > 0 ? builder.reserveState(name, 'counter', 1) : null,
  });
  return output;
}

/** Outputs that may reach beyond the window's end, each of which takes operations of its own. */
const maxOutputsBeyondEnd = 1024;

/**
 * A pool with padding after the window, which does not count: each output that reaches beyond the
 * end is a pool over the steps that are left. All outputs are put together by adding them where the
 * others are zero.
 */
function pooledBeyondEnd(
  layer: LayerContext,
  builder: WindowBuilder,
  operation: PoolOp['operation'],
  layerSpan: LayerSpan,
): ValueId {
  const { name } = layer;
  const { input, span, reach } = layerSpan;
  const steps = builder.stepsOf(input.value);
  const count = layerSpan.rate.count ?? 0;
  const inside = Math.max(0, Math.floor((steps + span.before - reach) / span.stride) + 1);
  if (count - inside > maxOutputsBeyondEnd) {
    throw layer.options.refused(
      `${count - inside} of its outputs reach beyond the window, more than ${maxOutputsBeyondEnd}`,
    );
  }
  const parts: ValueId[] = [];
  if (inside > 0) {
    const value = pooled(layer, operation, layerSpan, inside);
    parts.push(builder.pad(name, value, 0, count - inside));
  }
  for (let at = inside; at < count; at += 1) {
    const before = Math.max(0, at * span.stride - span.before);
    const rest = builder.crop(name, input.value, before, steps - before);
    const value = globallyPooled(layer, operation, { ...input, value: rest });
    parts.push(builder.pad(name, value, at, count - 1 - at));
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
