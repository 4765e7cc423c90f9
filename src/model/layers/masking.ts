import { only } from './inputs.js';
import type { LayerBuilder } from './layer.js';

/** Masking: steps all of whose features are one value are passed over by recurrent layers after it. */
export const masking: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  const input = only(layer);
  if (input.form !== 'sequence')
    throw options.refused('its input has no time axis, so it would mask single features');
  const maskValue = Math.fround(options.number('mask_value', 0));
  const output = builder.like(input.value, input.size);
  const mask = builder.like(input.value, 1);
  builder.add({ kind: 'mask', layer: name, input: input.value, output, maskValue, mask });
  return { outputs: [{ ...input, value: output, mask }], streaming: 'pointwise' };
};
