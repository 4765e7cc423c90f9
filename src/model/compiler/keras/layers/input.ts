import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { shortText } from '../layer-builder/short-text.js';
import { everySample } from '../../rate.js';
import { plainValue } from '../layer-builder/plain-value.js';

/** InputLayer: the samples, or a recurrent state that the caller would feed back at each call. */
export const input: LayerBuilder = ({ name, className, options, builder }) => {
  options.only('sparse', false, 'sparse tensors are not supported');
  options.only('ragged', false, 'ragged tensors are not supported');
  const dimensions = plainValue(options.raw('batch_shape') ?? options.raw('batch_input_shape'));
  if (!Array.isArray(dimensions)) {
    throw options.malformed('has no input shape');
  }
  const [, steps, features] = dimensions as unknown[];
  if (dimensions.length === 2 && isSize(steps)) {
    // A state is no value of the plan: the stream carries it by itself.
    return {
      outputs: [
        {
          value: -1,
          size: steps,
          form: 'state',
          rate: everySample(null),
          mask: null,
          stateInput: { name, className },
        },
      ],
      streaming: 'state carried',
    };
  }
  if (dimensions.length !== 3 || !(steps === null || isSize(steps)) || !isSize(features)) {
    throw options.refused(
      `input shape ${shortText(dimensions)}: a stream needs (batch, steps, features) with a known number of features`,
    );
  }
  const count = builder.declareInput(name, steps);
  return {
    outputs: [
      {
        value: builder.value(features, count),
        size: features,
        form: 'sequence',
        rate: everySample(count),
        mask: null,
      },
    ],
    streaming: 'input',
  };
};

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
