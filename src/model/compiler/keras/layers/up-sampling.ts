import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { onlySequence } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';

/** UpSampling1D: every step several times. */
export const upSampling1d: LayerBuilder = (layer) => {
  const input = onlySequence(layer);
  const size = layer.options.sizeOfAxis('size', 2);
  const math = arrayMath(layer, 'it makes several steps of one, and no sample brings them');
  const [steps = 1, features = 1] = arrayOf(input).shape;
  const each = math.reshape(arrayOf(input), [steps, 1, features]);
  const repeated = math.broadcast(each, [steps, size, features]);
  return builtArray(layer, math, math.reshape(repeated, [steps * size, features]));
};
