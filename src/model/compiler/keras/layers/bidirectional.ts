import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { onlySequence } from '../layer-builder/layer-inputs.js';
import { isObject } from '../../../../base/json.js';
import { shortText } from '../layer-builder/short-text.js';

const merges = { sum: 'add', mul: 'multiply', ave: 'average' } as const;

/** Bidirectional: one layer runs over the window, another from its end to its beginning. */
export const bidirectional: LayerBuilder = (layer) => {
  const { name, options, inner } = layer;
  const input = onlySequence(layer);
  const builder = layer.builder.requireWindow(
    layer,
    'it also runs from the end of the window to its beginning, so every output needs the whole window; mode sliding would work',
  );
  if (input.mask !== null) {
    throw options.refused('a mask reaches it, which is not supported');
  }
  const entry = options.raw('layer');
  const mode = options.raw('merge_mode') ?? null;
  const [forward, ...states] = inner(entry, input, 'forward_layer');
  const [backward] = builder.reversed(() =>
    inner(options.raw('backward_layer') ?? backwards(entry), input, 'backward_layer'),
  );
  if (forward === undefined || backward === undefined || states.length > 0) {
    throw options.refused('return_state=true: its states as tensors are not supported');
  }
  const inputs = [forward.value, backward.value];
  const common = { layer: name, input: forward.value, inputs };
  if (mode === 'concat') {
    const size = forward.size + backward.size;
    const output = builder.valueLike(forward.value, size);
    builder.add({ ...common, kind: 'concatenate', output });
    return { outputs: [{ ...forward, value: output, size }], streaming: 'whole window' };
  }
  if (mode !== 'sum' && mode !== 'mul' && mode !== 'ave') {
    throw options.refused(
      `merge_mode=${shortText(mode)}: two outputs are not supported; concat, sum, mul and ave are`,
    );
  }
  if (forward.size !== backward.size) {
    throw options.malformed(`its two layers have ${forward.size} and ${backward.size} units`);
  }
  const output = builder.valueLike(forward.value, forward.size);
  builder.add({ ...common, kind: 'merge', operation: merges[mode], output });
  return { outputs: [{ ...forward, value: output }], streaming: 'whole window' };
};

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
