import { only } from './inputs.js';
import type { LayerBuilder } from './layer.js';

/** Dropout: nothing at inference. */
export const dropout: LayerBuilder = ({ inputs, options }) => {
  options.ignore('rate', 'noise_shape');
  return { output: only(inputs, options), streaming: 'identity' };
};
