import { activationOf } from '../activation.js';
import type { LayerBuilder } from './layer.js';

/** LSTM: h and c are carried from step to step. */
export const lstm: LayerBuilder = ({ name, kerasMajor, inputs, options, weights, builder }) => {
  const [input] = inputs;
  if (inputs.length !== 1 || input === undefined)
    throw options.refused(`it has ${inputs.length} inputs: an initial state is not supported`);
  if (input.form !== 'sequence')
    throw options.refused(
      'its input has no time axis (expected ndim=3, found ndim=2): the layer before must return sequences',
    );
  const sequences = options.boolean('return_sequences', false);
  options.only('return_state', false, 'h and c as outputs of the model are not supported');
  options.only('go_backwards', false, 'it would need the samples to come first that come last');
  options.only('time_major', false, 'the time axis must be the second one');
  options.ignore('dropout', 'recurrent_dropout', 'unit_forget_bias', 'zero_output_for_mask');
  const units = options.size('units');
  const activation = activationOf(options, 'activation', 'tanh', kerasMajor);
  if (options.raw('recurrent_activation') === undefined)
    throw options.malformed('it does not say its recurrent_activation');
  const recurrentActivation = activationOf(options, 'recurrent_activation', 'linear', kerasMajor);
  if (activation.kind === 'softmax' || recurrentActivation.kind === 'softmax')
    throw options.refused('softmax inside the cell is not supported');
  const useBias = options.boolean('use_bias', true);

  const output = builder.value(units);
  builder.add({
    kind: 'lstm',
    layer: name,
    input: input.value,
    output,
    units,
    mask: null,
    kernel: weights.take('kernel', [input.size, 4 * units], 'cell'),
    recurrentKernel: weights.take('recurrent_kernel', [units, 4 * units], 'cell'),
    bias: useBias ? weights.take('bias', [4 * units], 'cell') : null,
    activation,
    recurrentActivation,
    hOffset: builder.remember(name, 'h', units),
    cOffset: builder.remember(name, 'c', units),
  });
  return {
    output: {
      value: output,
      size: units,
      form: sequences ? 'sequence' : 'vector',
      steps: input.steps,
    },
    streaming: 'state carried',
  };
};
