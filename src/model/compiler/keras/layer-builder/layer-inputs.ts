import { notAStream } from '../../model-outputs.js';
import type { Tensor } from '../../tensor.js';
import type { LayerContext } from './layer-context.js';

/**
 * The input of a layer that takes one.
 *
 * @throws LstmdError `model.malformed` when it has none or several, `model.refused` for a state or a
 *   mask; NeedsWindow where zeros around the window would have to be added first
 */
export function onlyInput(layer: LayerContext): Tensor {
  const input = onlyInputWithPadding(layer);
  requireValue(layer, input);
  return input;
}

/** As `onlyInput`, for a layer that adds the zeros around the window itself (`Tensor.padding`). */
export function onlyInputWithPadding(layer: LayerContext): Tensor {
  const { inputs, initialState, options } = layer;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw options.malformed(`it has ${inputs.length} inputs in place of one`);
  }
  if (initialState.length > 0) {
    throw options.malformed('it has an initial state');
  }
  requireFloats(layer, input);
  return input;
}

/**
 * As `onlyInput`, for an input with a time axis.
 *
 * @throws LstmdError `model.refused` when it has none
 */
export function onlySequence(layer: LayerContext): Tensor {
  const input = onlyInput(layer);
  requireSequence(layer, input);
  return input;
}

/** @throws LstmdError `model.refused` when the input has no time axis */
export function requireSequence({ options }: LayerContext, input: Tensor): void {
  if (input.form !== 'sequence') {
    throw options.refused(
      'its input has no time axis (expected ndim=3, found ndim=2): the layer before must return sequences',
    );
  }
}

/**
 * Requires an input whose value holds all that the layer sees.
 *
 * @throws LstmdError, NeedsWindow as `onlyInput` does
 */
export function requireValue(layer: LayerContext, input: Tensor): void {
  requireFloats(layer, input);
  if (input.padding !== undefined) {
    layer.builder.requireWindow(
      input.padding.layer,
      'before anything but a convolution it adds steps that no sample brings',
    );
  }
}

/** As `onlyInput`, for a layer that takes arrays of any number of axes. */
export function anyInput(layer: LayerContext): Tensor {
  const { inputs, initialState, options } = layer;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1 || initialState.length > 0) {
    throw options.malformed(`it has ${inputs.length} inputs in place of one`);
  }
  requireAnyValue(layer, input);
  return input;
}

/** As `requireValue`, for an input of any number of axes. */
export function requireAnyValue(layer: LayerContext, input: Tensor): void {
  requireValue(layer, input.form === 'array' ? { ...input, form: 'sequence' } : input);
}

/** Refuses a state and a mask, whose floats are none that a layer may compute with. */
function requireFloats(layer: LayerContext, input: Tensor): void {
  const { options } = layer;
  if (input.form === 'array') {
    throw options.refused(
      `an input of ${input.dimensions?.length ?? 0} axes beside the batch is not supported`,
    );
  }
  if (input.form === 'mask' || input.form === 'comparison') {
    throw options.refused('a mask as its input is not supported');
  }
  if (input.form === 'indices') {
    throw options.refused(
      'its input is whole numbers, which only an Embedding takes here: give the input a type of floats',
    );
  }
  if (input.form !== 'state') {
    return;
  }
  if (input.stateInput !== undefined) {
    throw notAStream(input.stateInput, input.size);
  }
  const { layer: owner = '', role } = input.carriedState ?? {};
  layer.builder.requireWindow(
    { name: owner, className: 'state' },
    `its state ${role} flows into ${options.label}, which a stream has only at the end of a window`,
  );
}
