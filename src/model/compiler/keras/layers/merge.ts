import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireValue } from '../layer-builder/layer-inputs.js';
import { isSameRate } from '../../rate.js';
import type { Tensor } from '../../tensor.js';
import type { MergeOp, ValueId } from '../../../plan/step-op.js';

/** Add, Multiply and the like: elementwise over inputs of one shape. */
export const merge =
  (operation: MergeOp['operation']): LayerBuilder =>
  (layer) =>
    merged(layer, operation);

/** Merges the inputs of a layer by an operation. */
export function merged(layer: LayerContext, operation: MergeOp['operation']): BuiltLayer {
  const { name, options, builder } = layer;
  const { first, inputs } = readInputs(layer);
  if (operation === 'subtract' && inputs.length !== 2) {
    throw options.malformed(`it has ${inputs.length} inputs in place of two`);
  }
  const other = inputs.find(({ size }) => size !== first.size);
  if (other !== undefined) {
    throw options.refused(
      `its inputs have ${first.size} and ${other.size} features, which Keras would broadcast; inputs of one shape are supported`,
    );
  }
  const output = builder.valueLike(first.value, first.size);
  builder.add({ kind: 'merge', layer: name, ...valueIds(inputs), output, operation });
  return { outputs: [{ ...first, value: output }], streaming: 'pointwise' };
}

/** Concatenate: the features of one input after those of the other. */
export const concatenate: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  const { first, inputs } = readInputs(layer);
  options.lastAxis('axis', first);
  const size = inputs.reduce((sum, input) => sum + input.size, 0);
  const output = builder.valueLike(first.value, size);
  builder.add({ kind: 'concatenate', layer: name, ...valueIds(inputs), output });
  return { outputs: [{ ...first, value: output, size }], streaming: 'pointwise' };
};

function valueIds(inputs: readonly Tensor[]): { input: ValueId; inputs: ValueId[] } {
  const all = inputs.map(({ value }) => value);
  return { input: all[0] ?? 0, inputs: all };
}

/**
 * The inputs of a layer that takes several with their steps at the same samples.
 *
 * @returns `first` has what the output has too: rate, mask and form
 * @throws NeedsWindow where they coincide in a whole window only
 */
function readInputs(layer: LayerContext): { first: Tensor; inputs: readonly Tensor[] } {
  const { inputs, options, builder } = layer;
  for (const input of inputs) {
    requireValue(layer, input);
  }
  const [first, ...others] = inputs;
  if (first === undefined || others.length === 0) {
    throw options.malformed(`it has ${inputs.length} inputs in place of several`);
  }
  for (const other of others) {
    if (other.mask !== first.mask) {
      throw options.refused('its inputs are masked in different ways, which is not supported');
    }
    if (builder.kind === 'step' && !isSameRate(first.rate, other.rate)) {
      layer.builder.requireWindow(
        layer,
        'its inputs come at different samples (other strides, paddings or lengths), so they never meet in a stream as they do in a window',
      );
    }
    if (
      builder.kind === 'window' &&
      builder.stepsOf(first.value) !== builder.stepsOf(other.value)
    ) {
      throw options.refused('its inputs have different numbers of steps');
    }
    const forms = new Set([first.form, other.form]);
    if (forms.has('flattened')) {
      layer.builder.requireWindow(
        layer,
        'a whole flattened window flows into it, of which a step only knows a part',
      );
    }
    if (forms.size > 1) {
      throw options.refused(
        'one of its inputs has a time axis and another has none, which Keras would broadcast',
      );
    }
  }
  // The output of a merge is not a state, even where its first input is.
  const { value, size, form, rate, mask } = first;
  const mayBeAbsent = inputs.some((input) => input.mayBeAbsent === true);
  return { first: { value, size, form, rate, mask, mayBeAbsent }, inputs };
}
