import type { PlanBuilder } from '../plan-builder.js';
import { StepBuilder } from '../step-builder.js';
import type { Tensor } from '../tensor.js';
import { WindowBuilder } from '../window-builder.js';

/**
 * A builder for a walk whose operations are thrown away, and the inputs of that walk as its values.
 * It takes a whole window wherever there is one, so that no layer is refused that a window allows.
 */
export function discoveryBuilder(
  window: number | null,
  inputs: readonly Tensor[],
): { readonly builder: PlanBuilder; readonly inputs: readonly Tensor[] } {
  const builder = window === null ? new StepBuilder(undefined) : new WindowBuilder(window);
  return { builder, inputs: inputs.map((tensor) => inBuilder(builder, tensor)) };
}

/** The same tensor as a new value of a builder. What is flattened becomes a vector of all steps. */
function inBuilder(builder: PlanBuilder, tensor: Tensor): Tensor {
  const isFlattened = tensor.form === 'flattened';
  const steps = isFlattened || tensor.form === 'vector' ? 1 : tensor.rate.count;
  const size = isFlattened ? tensor.size * (tensor.rate.count ?? 1) : tensor.size;
  return {
    ...tensor,
    form: isFlattened ? 'vector' : tensor.form,
    size,
    value: builder.value(size, steps),
    mask: tensor.mask === null ? null : builder.value(1, steps),
  };
}
