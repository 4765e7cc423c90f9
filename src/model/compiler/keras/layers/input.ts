import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { shortText } from '../layer-builder/short-text.js';
import { everySample } from '../../rate.js';
import { constantTensor } from '../../tensor.js';
import { readNumericPolicy } from '../layer-builder/numeric-policy.js';
import { plainValue } from '../layer-builder/plain-value.js';

/** InputLayer: the samples, or a recurrent state that the caller would feed back at each call. */
export const input: LayerBuilder = ({ name, className, options, builder, modelInputs }) => {
  options.only('sparse', false, 'sparse tensors are not supported');
  options.only('ragged', false, 'ragged tensors are not supported');
  const type = options.raw('dtype');
  const isWhole = typeof type === 'string' && /^u?int(8|16|32|64)$/.test(type);
  const policy = readNumericPolicy(isWhole ? undefined : type);
  if ('reason' in policy) {
    throw options.refused(policy.reason);
  }
  options.halfType = policy.halfType;
  const dimensions = plainValue(options.raw('batch_shape') ?? options.raw('batch_input_shape'));
  if (!Array.isArray(dimensions)) {
    throw options.malformed('has no input shape');
  }
  const [, steps, features] = dimensions as unknown[];
  const constant = modelInputs.constantOf(name);
  if (constant !== undefined) {
    return { outputs: [constantTensor(constant)], streaming: 'constant' };
  }
  const indices = modelInputs.featuresOf(name);
  const isFed = dimensions.length === 2 && indices !== undefined;
  if (dimensions.length === 2 && isSize(steps) && !isFed) {
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
  if (
    !isFed &&
    (dimensions.length !== 3 || !(steps === null || isSize(steps)) || !isSize(features))
  ) {
    throw options.refused(
      `input shape ${shortText(dimensions)}: a stream needs (batch, steps, features) with a known number of features`,
    );
  }
  if (indices === undefined) {
    throw options.refused('it is not among the inputs of the model');
  }
  const { window } = builder;
  const size = isFed ? 1 : Number(features);
  const form = isFed || isWhole ? 'indices' : 'sequence';
  const rest = {
    size,
    form,
    rate: everySample(window),
    mask: null,
    ...(form === 'indices' && { rank: dimensions.length - 1 }),
  } as const;
  if (modelInputs.isWholeSample) {
    return { outputs: [{ ...rest, value: 0 }], streaming: 'input' };
  }
  const output = builder.value(size, window);
  builder.add({ kind: 'gather', layer: name, input: 0, output, indices: Int32Array.from(indices) });
  return { outputs: [{ ...rest, value: output }], streaming: 'input' };
};

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
