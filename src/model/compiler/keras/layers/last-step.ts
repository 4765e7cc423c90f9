import type { Tensor } from '../../tensor.js';
import type { LayerContext } from '../layer-builder/layer-context.js';

/** The last step of a tensor. Step by step, every step is the last one so far. */
export function lastStep({ name, builder }: LayerContext, tensor: Tensor): Tensor {
  if (builder.kind !== 'window' || tensor.form === 'state') {
    return tensor;
  }
  const steps = builder.stepsOf(tensor.value);
  return steps === 1
    ? tensor
    : { ...tensor, value: builder.crop(name, tensor.value, steps - 1, 1) };
}
