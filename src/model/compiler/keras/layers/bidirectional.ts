import type { Tensor } from '../../tensor.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireSequence, requireValue } from '../layer-builder/layer-inputs.js';
import { appliedMask } from './applied-mask.js';
import { isObject } from '../../../../base/json.js';
import { shortText } from '../layer-builder/short-text.js';

const merges = { sum: 'add', mul: 'multiply', ave: 'average' } as const;

/** Bidirectional: one layer runs over the window, another from its end to its beginning. */
export const bidirectional: LayerBuilder = (layer) => {
  const { options, inner } = layer;
  const [input, ...initial] = [...layer.inputs, ...layer.initialState];
  if (input === undefined) {
    throw options.malformed('it has no input');
  }
  requireValue(layer, input);
  requireSequence(layer, input);
  const builder = layer.builder.requireWindow(
    layer,
    'it also runs from the end of the window to its beginning, so every output needs the whole window; mode sliding would work',
  );
  const entry = zeroingMasked(options.raw('layer'));
  const half = initial.length / 2;
  const seen = { ...input, mask: appliedMask(layer, input) };
  const [forward, ...states] = inner(entry, seen, 'forward_layer', initial.slice(0, half));
  const [backward, ...backwardStates] = builder.reversed(() =>
    inner(
      zeroingMasked(options.raw('backward_layer') ?? backwards(entry)),
      seen,
      'backward_layer',
      initial.slice(half),
    ),
  );
  if (forward === undefined || backward === undefined) {
    throw options.malformed('its layers have no output');
  }
  // The output has the mask of the input, also where the layers looked at none.
  const masked = (output: Tensor): Tensor =>
    output.form === 'sequence' ? { ...output, mask: input.mask } : output;
  const merged = mergedOutputs(layer, masked(forward), masked(backward));
  return { outputs: [...merged, ...states, ...backwardStates], streaming: 'whole window' };
};

function mergedOutputs(layer: LayerContext, forward: Tensor, backward: Tensor): readonly Tensor[] {
  const { name, options, builder } = layer;
  const mode = options.raw('merge_mode') ?? null;
  const inputs = [forward.value, backward.value];
  const common = { layer: name, input: forward.value, inputs };
  if (mode === null) {
    return [forward, backward];
  }
  if (mode === 'concat') {
    const size = forward.size + backward.size;
    const output = builder.valueLike(forward.value, size);
    builder.add({ ...common, kind: 'concatenate', output });
    return [{ ...forward, value: output, size }];
  }
  if (mode !== 'sum' && mode !== 'mul' && mode !== 'ave') {
    throw options.refused(
      `merge_mode=${shortText(mode)} is not supported; concat, sum, mul, ave and None are`,
    );
  }
  if (forward.size !== backward.size) {
    throw options.malformed(`its two layers have ${forward.size} and ${backward.size} units`);
  }
  const output = builder.valueLike(forward.value, forward.size);
  builder.add({ ...common, kind: 'merge', operation: merges[mode], output });
  return [{ ...forward, value: output }];
}

/** The configuration as Bidirectional changes it: steps that are masked give zeros, if steps are given. */
function zeroingMasked(entry: unknown): unknown {
  if (!isObject(entry) || !isObject(entry['config'])) {
    return entry;
  }
  const { return_sequences: returnsSequences } = entry['config'];
  const zeroes = returnsSequences === true;
  return { ...entry, config: { ...entry['config'], zero_output_for_mask: zeroes } };
}

/** The configuration of a recurrent layer that runs from the last step to the first (Keras names it so). */
function backwards(entry: unknown): unknown {
  if (!isObject(entry) || !isObject(entry['config'])) {
    return entry;
  }
  const { name } = entry['config'];
  return {
    ...entry,
    config: {
      ...entry['config'],
      go_backwards: true,
      name: typeof name === 'string' ? `backward_${name.replace(/^forward_/, '')}` : name,
    },
  };
}
