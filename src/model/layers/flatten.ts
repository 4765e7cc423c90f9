import { only } from './inputs.js';
import type { LayerBuilder } from './layer.js';

/** Flatten: nothing where there is one step; over several, a mark for the Dense that follows. */
export const flatten: LayerBuilder = ({ name, inputs, options }) => {
  const input = only(inputs, options);
  options.only('data_format', 'channels_last', 'the features must be the last axis');
  if (input.form !== 'sequence') return { output: input, streaming: 'identity' };
  if (input.steps === 1) return { output: { ...input, form: 'vector' }, streaming: 'identity' };
  if (input.steps === null)
    throw options.refused('over any number of steps its output has no size; give a window');
  return {
    output: { ...input, form: 'flattened', flattenedBy: name },
    streaming: 'sum over time',
  };
};
