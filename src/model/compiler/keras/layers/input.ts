import type { LayerBuilder, LayerContext, WindowShape } from '../layer-builder/layer-context.js';
import { shortText } from '../layer-builder/short-text.js';
import { everySample } from '../../rate.js';
import { readNumericPolicy } from '../layer-builder/numeric-policy.js';
import { product } from '../../shape.js';
import { constantTensor, type Tensor } from '../../tensor.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { ArrayMath } from '../../window-array.js';
import { arrayTensor } from './array-tensor.js';
import { wrongWindow } from '../../wrong-window.js';

/** InputLayer: the samples, or a recurrent state that the caller would feed back at each call. */
export const input: LayerBuilder = (layer) => {
  const { name, className, options, builder, modelInputs } = layer;
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
  const shape = dimensions.slice(1) as unknown[];
  const [steps, features] = shape;
  const constant = modelInputs.constantOf(name);
  if (constant !== undefined) {
    return { outputs: [constantTensor(constant)], streaming: 'constant' };
  }
  const indices = modelInputs.featuresOf(name);
  const isFed = shape.length === 1 && indices !== undefined;
  if (!isFed && shape.length !== 2 && areSizes(shape)) {
    const samples = layer.windowShape(shape);
    if (samples !== undefined) {
      return { outputs: [windowOf(layer, shape, samples)], streaming: 'input' };
    }
  }
  if (shape.length === 1 && isSize(steps) && !isFed) {
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
  if (!isFed && (shape.length !== 2 || !(steps === null || isSize(steps)) || !isSize(features))) {
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

/** The window of samples in another shape than (steps, features). */
function windowOf(
  layer: LayerContext,
  shape: readonly (number | null)[],
  samples: WindowShape,
): Tensor {
  const { name, builder } = layer;
  const { steps, features } = splitWindow(layer, shape, samples);
  builder.declareInput(name, steps);
  const value = builder.value(features, steps);
  const behind = shape.slice(1).map(Number);
  const first = (steps * features) / product(behind);
  if (builder.kind === 'window') {
    return arrayTensor(layer, new ArrayMath(builder, name), { value, shape: [first, ...behind] });
  }
  const common = { value, size: features, rate: everySample(steps), mask: null };
  if (behind.length === 0) {
    return steps === 1
      ? { ...common, form: 'vector' }
      : { ...common, form: 'flattened', flattenedBy: layer };
  }
  if (first !== steps) {
    builder.requireWindow(
      layer,
      `an index of its first axis is a part of a window, of ${steps / first} samples`,
    );
  }
  return { ...common, size: behind.at(-1) ?? 1, form: 'array', dimensions: [first, ...behind] };
}

/** How many samples there are in a window, and of how many floats each. */
function splitWindow(
  { builder, name, className }: LayerContext,
  shape: readonly (number | null)[],
  samples: WindowShape,
): { readonly steps: number; readonly features: number } {
  const asked = builder.askedWindow;
  const text = `layer "${name}" (${className}): input shape ${shortText([null, ...shape])}`;
  if (samples.steps === null) {
    if (asked === undefined || asked % samples.stepsEach !== 0) {
      const each = samples.stepsEach === 1 ? '' : `, a multiple of ${samples.stepsEach} steps`;
      throw wrongWindow(
        `${text}: its first axis is of any size; give a window${each} (--window, or model.window in the configuration)`,
        'model.refused',
      );
    }
    return { steps: asked, features: samples.features };
  }
  if (asked === undefined || asked === samples.steps || samples.isCertain) {
    return { steps: samples.steps, features: samples.features };
  }
  const floats = samples.steps * samples.features;
  if (floats % asked !== 0) {
    throw wrongWindow(
      `${text}: its ${floats} floats are no window of ${asked} steps; ${samples.steps} steps of ${samples.features} features would be one`,
    );
  }
  return { steps: asked, features: floats / asked };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function areSizes(shape: readonly unknown[]): shape is readonly (number | null)[] {
  return shape.every((size) => size === null || isSize(size));
}
