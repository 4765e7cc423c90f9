import type { Tensor } from '../../tensor.js';
import {
  type BuiltLayer,
  type LayerBuilder,
  type LayerContext,
} from '../layer-builder/layer-context.js';
import { stepsText } from '../../operations/site.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import { unchanged, windowTensor } from './window-tensor.js';

/** RepeatVector: a vector becomes each of n steps. */
export const repeatVector: LayerBuilder = (layer) => {
  const input = onlyInput(layer);
  if (input.form === 'sequence') {
    throw layer.options.malformed('its input has a time axis (expected ndim=2, found ndim=3)');
  }
  return repeated(layer, input, layer.options.size('n'));
};

/** Makes a vector each of `steps` steps. */
export function repeated(layer: LayerContext, input: Tensor, steps: number): BuiltLayer {
  const isOneStep = input.form === 'vector' && input.rate.count === 1 && steps === 1;
  if (layer.builder.kind === 'step' && isOneStep) {
    return unchanged({ ...input, form: 'sequence' });
  }
  const builder = layer.builder.requireWindow(
    layer,
    `it makes a sequence of ${stepsText(steps)} of what the whole window came to; mode sliding would work`,
  );
  return windowTensor(builder.repeat(layer.name, input.value, steps), input.size, steps);
}
