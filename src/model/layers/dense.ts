import { activationOf } from '../activation.js';
import { only } from './inputs.js';
import type { LayerBuilder } from './layer.js';

/** Dense: at every step; after a Flatten over time, a sum over the window. */
export const dense: LayerBuilder = ({ name, kerasMajor, inputs, options, weights, builder }) => {
  const input = only(inputs, options);
  const units = options.size('units');
  const activation = activationOf(options, 'activation', 'linear', kerasMajor);
  const useBias = options.boolean('use_bias', true);
  const output = builder.value(units);

  if (input.form === 'flattened') {
    const { steps } = input;
    if (steps === null) throw options.malformed('its input has no known size');
    builder.add({
      kind: 'timeDense',
      layer: name,
      input: input.value,
      output,
      // Flatten puts time before features, so (steps * size, units) is (steps, size, units).
      kernel: weights.take('kernel', [steps * input.size, units]),
      bias: useBias ? weights.take('bias', [units]) : null,
      activation,
      accOffset: builder.remember(name, 'accumulator', units),
      positionOffset: builder.remember(name, 'counter', 1),
    });
    const flatten = input.flattenedBy ?? name;
    builder.rule(
      'continuous',
      flatten,
      `Flatten gives layer "${name}" other weights for each of ${steps} steps, so there is no output without a window`,
    );
    return {
      output: { value: output, size: units, form: 'vector', steps },
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
  return { output: { ...input, value: output, size: units }, streaming: 'pointwise' };
};
