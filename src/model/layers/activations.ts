import { activationLayers, activationOf } from '../activation.js';
import type { Activation } from '../plan.js';
import { only } from './inputs.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from './layer.js';

/** Activation: the function that its option names. */
export const activation: LayerBuilder = (layer) =>
  pointwise(layer, activationOf(layer.options, 'activation', 'linear', layer.kerasMajor));

/** ReLU, LeakyReLU: layers that are a function themselves. */
export const activationLayer = (className: string): [string, LayerBuilder] => [
  className,
  (layer) => {
    const make = activationLayers.get(className);
    if (make === undefined) throw layer.options.refused('it is not an activation');
    return pointwise(layer, make(layer.options));
  },
];

function pointwise(layer: LayerContext, function_: Activation): BuiltLayer {
  const { name, inputs, options, builder } = layer;
  const input = only(inputs, options);
  if (function_.kind === 'linear') return { output: input, streaming: 'identity' };
  if (function_.kind === 'softmax' && input.form === 'flattened')
    throw options.refused('softmax over the whole flattened window cannot be taken step by step');
  const output = builder.value(input.size);
  builder.add({
    kind: 'activation',
    layer: name,
    input: input.value,
    output,
    activation: function_,
  });
  return { output: { ...input, value: output }, streaming: 'pointwise' };
}
