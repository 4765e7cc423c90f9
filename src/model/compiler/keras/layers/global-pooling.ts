import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { onlySequence } from '../layer-builder/layer-inputs.js';
import { addGlobalPool } from '../../operations/global-pool.js';
import type { Tensor } from '../../tensor.js';
import type { PoolOp, ValueId } from '../../../plan/step-op.js';

/** GlobalAveragePooling1D and GlobalMaxPooling1D: over all steps of the window so far. */
export const globalPooling =
  (operation: PoolOp['operation']): LayerBuilder =>
  (layer) => {
    const { options } = layer;
    const input = onlySequence(layer);
    layer.builder.ruleOut(
      ['continuous'],
      layer,
      'it is over all steps of a window, and a stream has no end',
    );
    const { size, rate } = input;
    const isSequence = options.boolean('keepdims', false);
    if (isSequence) {
      layer.builder.requireWindow(
        layer,
        'keepdims=true makes a sequence of one step of the window',
      );
    }
    const value = globallyPooled(layer, operation, input);
    return {
      outputs: [
        isSequence
          ? { value, size, form: 'sequence', rate: { ...rate, count: 1 }, mask: null }
          : { value, size, form: 'vector', rate, mask: null, mayBeAbsent: input.mask !== null },
      ],
      streaming: operation === 'average' ? 'running mean' : 'running maximum',
    };
  };

/** Adds a pool over all steps of its input; returns its value. */
export function globallyPooled(
  layer: LayerContext,
  operation: PoolOp['operation'],
  input: Tensor,
): ValueId {
  // Keras averages unmasked steps only, but takes the maximum of all.
  const mask = operation === 'average' ? input.mask : null;
  return addGlobalPool(layer, operation, { ...input, mask });
}
