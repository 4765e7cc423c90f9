import { isSameCadence } from '../../rate.js';
import type { MergeOp, ValueId } from '../../../plan/step-op.js';
import { plain } from '../layer-builder/layer-inputs.js';
import {
  wholeWindow,
  type BuiltLayer,
  type LayerBuilder,
  type LayerContext,
  type Tensor,
} from '../layer-builder/layer-builder.js';

/** Add, Multiply ...: elementwise over inputs of one shape. */
export const merge =
  (operation: MergeOp['operation']): LayerBuilder =>
  (layer) =>
    merged(layer, operation);

export function merged(layer: LayerContext, operation: MergeOp['operation']): BuiltLayer {
  const { name, options, builder } = layer;
  const { first, inputs } = together(layer);
  if (operation === 'subtract' && inputs.length !== 2) {
    throw options.malformed(`it has ${inputs.length} inputs in place of two`);
  }
  const other = inputs.find(({ size }) => size !== first.size);
  if (other !== undefined) {
    throw options.refused(
      `its inputs have ${first.size} and ${other.size} features, which Keras would broadcast; inputs of one shape are supported`,
    );
  }
  const output = builder.like(first.value, first.size);
  builder.add({ kind: 'merge', layer: name, ...values(inputs), output, operation });
  return { outputs: [{ ...first, value: output }], streaming: 'pointwise' };
}

/** Concatenate: one input's features after the other's. */
export const concatenate: LayerBuilder = (layer) => {
  const { name, options, builder } = layer;
  const { first, inputs } = together(layer);
  options.lastAxis('axis', first);
  const size = inputs.reduce((sum, input) => sum + input.size, 0);
  const output = builder.like(first.value, size);
  builder.add({ kind: 'concatenate', layer: name, ...values(inputs), output });
  return { outputs: [{ ...first, value: output, size }], streaming: 'pointwise' };
};

function values(inputs: readonly Tensor[]): { input: ValueId; inputs: ValueId[] } {
  const all = inputs.map(({ value }) => value);
  return { input: all[0] ?? 0, inputs: all };
}

/** Inputs that have their steps at the same samples. */
function together(layer: LayerContext): { first: Tensor; inputs: readonly Tensor[] } {
  const { inputs, options, builder } = layer;
  for (const input of inputs) {
    plain(layer, input);
  }
  const [first, ...others] = inputs;
  if (first === undefined || others.length === 0) {
    throw options.malformed(`it has ${inputs.length} inputs in place of several`);
  }
  for (const other of others) {
    if (other.mask !== first.mask) {
      throw options.refused('its inputs are masked in different ways, which is not supported');
    }
    if (builder.kind === 'step' && !isSameCadence(first.cadence, other.cadence)) {
      wholeWindow(
        layer,
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
      wholeWindow(
        layer,
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
  // Once merged it is nobody's state any more.
  const { value, size, form, cadence, mask } = first;
  const mayLack = inputs.some((input) => input.mayLack === true);
  return { first: { value, size, form, cadence, mask, mayLack }, inputs };
}
