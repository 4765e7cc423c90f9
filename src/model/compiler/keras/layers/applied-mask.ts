import type { ValueId } from '../../../plan/stream-plan.js';
import type { Tensor } from '../../tensor.js';
import type { LayerContext } from '../layer-builder/layer-context.js';

/**
 * The mask that a recurrent layer looks at. Keras 3 fills it in from the input only where that is the one tensor of the
 * call (keras/src/layers/layer.py, `tensor_arguments_dict`): a layer that begins with states has none, unless the call
 * gives it. The mask of its output is that of the input all the same.
 */
export function appliedMask(
  { kerasMajor, inputs, initialState, isMaskGiven }: LayerContext,
  input: Tensor,
): ValueId | null {
  const isFilledIn = kerasMajor < 3 || inputs.length + initialState.length === 1;
  return isFilledIn || isMaskGiven ? input.mask : null;
}
