import type { LayerOptions } from './layer-options.js';
import type { Tensor } from './layer.js';

/**
 * The one input of a layer that takes one.
 *
 * @throws LstmdError `model.malformed` when it has none or several
 */
export function only(inputs: readonly Tensor[], options: LayerOptions): Tensor {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    throw options.malformed(`it has ${inputs.length} inputs in place of one`);
  return input;
}
