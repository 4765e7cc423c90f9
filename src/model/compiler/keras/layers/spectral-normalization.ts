import type { LayerBuilder } from '../layer-builder/layer-context.js';

/** SpectralNormalization: at inference it is the layer inside of it, whose kernel was normalised in training. */
export const spectralNormalization: LayerBuilder = (layer) => {
  const { options, weights, inner, inputs } = layer;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw options.malformed(`it has ${inputs.length} inputs in place of one`);
  }
  options.ignore('power_iterations');
  const outputs = inner(options.raw('layer'), input, 'layer');
  weights.skip('vector_u');
  return { outputs, streaming: 'as the layer in it' };
};
