import { LstmdError } from '../../../../base/errors.js';
import { wholeWindow, type LayerContext, type Tensor } from './layer-builder.js';

/**
 * The one input of a layer that takes one.
 *
 * @throws LstmdError `model.malformed` when it has none or several; NeedsWindow when zeros around
 *   the window would have to be put in first
 */
export function only(layer: LayerContext): Tensor {
  const input = padded(layer);
  plain(layer, input);
  return input;
}

/** The one input, which may have zeros around the window that are not put in yet. */
export function padded(layer: LayerContext): Tensor {
  const { inputs, initialState, options } = layer;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw options.malformed(`it has ${inputs.length} inputs in place of one`);
  }
  if (initialState.length > 0) {
    throw options.malformed('it has an initial state');
  }
  tangible(layer, input);
  return input;
}

/**
 * The one input with a time axis.
 *
 * @throws LstmdError `model.refused` when it has none
 */
export function onlySequence(layer: LayerContext): Tensor {
  const input = only(layer);
  sequential(layer, input);
  return input;
}

/** @throws LstmdError `model.refused` when the input has no time axis */
export function sequential({ options }: LayerContext, input: Tensor): void {
  if (input.form !== 'sequence') {
    throw options.refused(
      'its input has no time axis (expected ndim=3, found ndim=2): the layer before must return sequences',
    );
  }
}

/** @throws as `only` does, for an input that is not the step or the steps of something */
export function plain(layer: LayerContext, input: Tensor): void {
  tangible(layer, input);
  if (input.padding !== undefined) {
    wholeWindow(
      layer,
      input.padding.layer,
      'before anything but a convolution it adds steps that no sample brings',
    );
  }
}

function tangible({ options }: LayerContext, input: Tensor): void {
  if (input.form === 'mask' || input.form === 'comparison') {
    throw options.refused('a mask as its input is not supported');
  }
  if (input.form !== 'state') {
    return;
  }
  if (input.fedBy !== undefined) {
    throw noStream(input.fedBy, input.size);
  }
  const { layer, role } = input.carriedBy ?? {};
  throw options.refused(`the state ${role} of layer "${layer}" as its input is not supported`);
}

/** For an input that is neither the samples nor a state that the model gives back. */
export function noStream(inputLayer: string, size: number): LstmdError {
  return new LstmdError(
    'model.refused',
    `layer "${inputLayer}" (InputLayer): input shape [null,${size}]: a stream needs (batch, steps, features) with a known number of features`,
  );
}
