import { activationOf } from '../layer-builder/activation.js';
import { only } from '../layer-builder/layer-inputs.js';
import { ruleOut, type LayerBuilder } from '../layer-builder/layer-builder.js';

/** Dense: at every step; after a Flatten over time, a sum over the window. */
export const dense: LayerBuilder = (layer) => {
  const { name, kerasMajor, options, weights, builder } = layer;
  const input = only(layer);
  options.only('lora_rank', false, 'LoRA weights are not supported: merge them first');
  options.only('quantization_config', false, 'quantized weights are not supported');
  const units = options.size('units');
  const activation = activationOf(options, 'activation', 'linear', kerasMajor);
  const useBias = options.boolean('use_bias', true);
  const output = builder.like(input.value, units);

  if (input.form === 'flattened') {
    const { count } = input.cadence;
    if (count === null) {
      throw options.malformed('its input has no known size');
    }
    builder.add({
      kind: 'timeDense',
      layer: name,
      input: input.value,
      output,
      // Flatten puts time before features, so (steps * size, units) is (steps, size, units).
      kernel: weights.take('kernel', [count * input.size, units]),
      bias: useBias ? weights.take('bias', [units]) : null,
      activation,
      accOffset: builder.remember(name, 'accumulator', units),
      positionOffset: builder.remember(name, 'counter', 1),
    });
    ruleOut(
      layer,
      input.flattenedBy ?? layer,
      ['continuous'],
      `layer "${name}" has other weights for each of ${count} steps, so there is no output without a window`,
    );
    return {
      outputs: [{ value: output, size: units, form: 'vector', cadence: input.cadence, mask: null }],
      streaming: 'sum over time',
    };
  }
  builder.add({
    kind: 'dense',
    layer: name,
    input: input.value,
    output,
    kernel: weights.take('kernel', [input.size, units]),
    bias: useBias ? weights.take('bias', [units]) : null,
    activation,
  });
  return { outputs: [{ ...input, value: output, size: units }], streaming: 'pointwise' };
};
