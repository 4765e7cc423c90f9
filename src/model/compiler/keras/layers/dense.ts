import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { onlyInput } from '../layer-builder/layer-inputs.js';
import { activationOf } from '../layer-builder/activation.js';

/** Dense: a product at every step; after a Flatten over time, a sum over the window. */
export const dense: LayerBuilder = (layer) => {
  const { name, kerasMajor, options, weights, builder } = layer;
  const input = onlyInput(layer);
  options.only('lora_rank', false, 'LoRA weights are not supported: merge them first');
  options.only('quantization_config', false, 'quantized weights are not supported');
  const units = options.size('units');
  const activation = activationOf(options, 'activation', 'linear', kerasMajor);
  const useBias = options.boolean('use_bias', true);
  const output = builder.valueLike(input.value, units);

  if (input.form === 'flattened') {
    const { count } = input.rate;
    if (count === null) {
      throw options.malformed('its input has no known size');
    }
    builder.add({
      kind: 'timeDense',
      layer: name,
      input: input.value,
      output,
      // Flatten puts time before features, so that (steps * size, units) has the order of (steps, size, units).
      kernel: weights.take('kernel', [count * input.size, units]),
      bias: useBias ? weights.take('bias', [units]) : null,
      activation,
      accOffset: builder.reserveState(name, 'accumulator', units),
      positionOffset: builder.reserveState(name, 'counter', 1),
    });
    layer.builder.ruleOut(
      ['continuous'],
      input.flattenedBy ?? layer,
      `layer "${name}" has other weights for each of ${count} steps, so there is no output without a window`,
    );
    return {
      outputs: [{ value: output, size: units, form: 'vector', rate: input.rate, mask: null }],
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
