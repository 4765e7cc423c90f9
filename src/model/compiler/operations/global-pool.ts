import type { GlobalPoolOp, ValueId } from '../../plan/step-op.js';
import type { Tensor } from '../tensor.js';
import type { Site } from './site.js';

/** Adds a pool over all steps of its input; returns its value. */
export function addGlobalPool(
  { name, builder }: Site,
  operation: GlobalPoolOp['operation'],
  input: Pick<Tensor, 'value' | 'size' | 'mask'>,
): ValueId {
  const output = builder.value(input.size, 1);
  builder.add({
    kind: 'globalPool',
    layer: name,
    input: input.value,
    output,
    operation,
    accOffset: builder.reserveState(name, 'accumulator', input.size),
    countOffset: builder.reserveState(name, 'counter', 1),
    mask: input.mask,
  });
  return output;
}
