import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import { shortText } from '../layer-builder/short-text.js';
import { unchanged, windowTensor } from './window-tensor.js';

/** Permute: exchanges steps and features. */
export const permute: LayerBuilder = (layer) => {
  const { name, options } = layer;
  const input = onlyInput(layer);
  const order = options.sizes('dims', []);
  const identity = input.form === 'sequence' ? [1, 2] : [1];
  if (order.length === identity.length && order.every((axis, i) => axis === identity[i])) {
    return unchanged(input);
  }
  if (input.form !== 'sequence' || order.length !== 2 || order[0] !== 2 || order[1] !== 1) {
    throw options.malformed(`dims ${shortText(order)} do not fit its input`);
  }
  const builder = layer.builder.requireWindow(
    layer,
    'it makes features of the steps, which needs all of them',
  );
  const steps = builder.stepsOf(input.value);
  return windowTensor(builder.transpose(name, input.value), steps, input.size);
};
