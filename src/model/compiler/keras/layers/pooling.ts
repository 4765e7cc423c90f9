import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { requireValue } from '../layer-builder/layer-inputs.js';
import { addPool } from '../../operations/pool.js';
import type { PoolOp } from '../../../plan/step-op.js';
import { readSpan } from './span.js';

/** MaxPooling1D and AveragePooling1D: each feature over the last inputs. */
export const pooling =
  (operation: PoolOp['operation']): LayerBuilder =>
  (layer) => {
    const { options } = layer;
    const [input] = layer.inputs;
    // Zeros that a layer before has added count in a pool, unlike its own padding.
    if (input !== undefined) {
      requireValue(layer, input);
    }
    const size = options.sizeOfAxis('pool_size', 2);
    const stride = options.sizeOfAxis('strides', size);
    const covered = readSpan(layer, { size, stride, dilation: 1 });
    const { rate, streaming } = covered;
    const value = addPool(layer, operation, covered);
    return {
      outputs: [{ value, size: covered.input.size, form: 'sequence', rate, mask: null }],
      streaming,
    };
  };
