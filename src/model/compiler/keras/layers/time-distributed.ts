import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { onlySequence } from '../layer-builder/layer-inputs.js';

/** TimeDistributed: applies a layer to each step by itself. */
export const timeDistributed: LayerBuilder = (layer) => {
  const { options, inner } = layer;
  const input = onlySequence(layer);
  const outputs = inner(options.raw('layer'), { ...input, form: 'vector', mask: null }, 'layer');
  const [output] = outputs;
  if (output === undefined || outputs.length > 1) {
    throw options.refused(`its layer has ${outputs.length} outputs`);
  }
  if (output.form !== 'vector') {
    throw options.refused('its layer makes a sequence of each step, which is not supported');
  }
  return {
    outputs: [{ ...output, form: 'sequence', mask: input.mask }],
    streaming: 'pointwise',
  };
};
