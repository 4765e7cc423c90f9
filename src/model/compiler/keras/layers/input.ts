import { everySample } from '../../rate.js';
import { isObject } from '../../../../base/json.js';
import { show } from '../layer-builder/layer-options.js';
import type { LayerBuilder } from '../layer-builder/layer-builder.js';

/** InputLayer: the sample, value 0; or a state that the user would feed back by hand. */
export const input: LayerBuilder = ({ name, options, builder }) => {
  options.only('sparse', false, 'sparse tensors are not supported');
  options.only('ragged', false, 'ragged tensors are not supported');
  const shape = options.raw('batch_shape') ?? options.raw('batch_input_shape');
  // Keras 2 wrote a tuple as `{ class_name: "__tuple__", items }`.
  const dimensions = isObject(shape) ? shape['items'] : shape;
  if (!Array.isArray(dimensions)) {
    throw options.malformed('has no input shape');
  }
  const [, steps, features] = dimensions as unknown[];
  if (dimensions.length === 2 && isSize(steps)) {
    return {
      outputs: [
        {
          value: -1,
          size: steps,
          form: 'state',
          cadence: everySample(null),
          mask: null,
          fedBy: name,
        },
      ],
      streaming: 'state carried',
    };
  }
  if (dimensions.length !== 3 || !(steps === null || isSize(steps)) || !isSize(features)) {
    throw options.refused(
      `input shape ${show(dimensions)}: a stream needs (batch, steps, features) with a known number of features`,
    );
  }
  const count = builder.input(name, steps);
  return {
    outputs: [
      {
        value: builder.value(features, count),
        size: features,
        form: 'sequence',
        cadence: everySample(count),
        mask: null,
      },
    ],
    streaming: 'input',
  };
};

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
