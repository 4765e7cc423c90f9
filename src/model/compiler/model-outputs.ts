import { LstmdError } from '../../base/errors.js';
import type { ModelOutput, ValueId } from '../plan/stream-plan.js';
import { NeedsWindow } from './needs-window.js';
import { coincide } from './rate.js';
import type { StepBuilder } from './step-builder.js';
import { rowSizeOf, shapeOf, type NamedLayer, type Tensor } from './tensor.js';
import type { WindowBuilder } from './window-builder.js';

/** An input of the model that holds a recurrent state, which the caller would feed at every call. */
export interface StateInput extends NamedLayer {
  readonly size: number;
}

/** An output of the model as its graph has it. */
export interface GraphOutput {
  /** The name that the model gives it; null where it gives none, so that its layer names it. */
  readonly name: string | null;
  /** The layer that it comes from. */
  readonly layer: string;
  readonly tensor: Tensor;
}

/** An output of the stream. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * The outputs of a stream: those of the model without the states that go back in through its inputs.
 *
 * @throws LstmdError `model.refused` where a state is an input or an output only, where an output
 *   has no floats, and where none is left; NeedsWindow where no step has the whole of an output
 */
export function streamOutputs(
  outputs: readonly GraphOutput[],
  stateInputs: readonly StateInput[],
): NamedTensor[] {
  const fedBack = new Set(outputs.map(({ tensor }) => tensor.carriedState?.fedBackThrough ?? null));
  const used = new Map<string, number>();
  const named = outputs
    .filter(({ tensor }) => (tensor.carriedState?.fedBackThrough ?? null) === null)
    .map(({ name, layer, tensor }): NamedTensor => {
      if (name !== null) {
        return { name, tensor };
      }
      const earlier = used.get(layer) ?? 0;
      used.set(layer, earlier + 1);
      return { name: earlier === 0 ? layer : `${layer}_${earlier}`, tensor };
    });
  for (const { tensor } of named) {
    checkOutput(tensor);
  }
  const unfed = stateInputs.find(({ name }) => !fedBack.has(name));
  if (unfed !== undefined) {
    throw notAStream(unfed, unfed.size);
  }
  if (named.length === 0) {
    throw new LstmdError('model.refused', 'the model has no outputs but its own state');
  }
  return named;
}

function checkOutput(tensor: Tensor): void {
  const { constant, form, padding, flattenedBy, stateInput, carriedState, size } = tensor;
  if (constant !== undefined) {
    throw new LstmdError('model.refused', 'an output of the model is a constant');
  }
  if (stateInput !== undefined) {
    throw notAStream(stateInput, size);
  }
  if (form === 'mask' || form === 'comparison') {
    throw new LstmdError('model.refused', 'a mask as an output of the model is not supported');
  }
  if (form === 'state') {
    throw new NeedsWindow(
      { name: carriedState?.layer ?? '', className: 'state' },
      `its state ${carriedState?.role ?? ''} is an output of the model, but not fed back through an input (initial_state)`,
    );
  }
  if (tensor.isOfOneStep === true) {
    throw new NeedsWindow(
      { name: carriedState?.layer ?? '', className: 'array' },
      'an output of several axes is given by its last index of the first one, which a whole window has',
    );
  }
  if (padding !== undefined) {
    throw new NeedsWindow(padding.layer, 'at the end it adds steps that no sample brings');
  }
  if (form === 'flattened' && flattenedBy !== undefined) {
    throw new NeedsWindow(
      flattenedBy,
      'at the end it makes the whole window an output; before a Dense it is a sum over time',
    );
  }
}

/** The error for an input that is neither the samples nor a state that the model gives back. */
export function notAStream({ name, className }: NamedLayer, size: number): LstmdError {
  return new LstmdError(
    'model.refused',
    `layer "${name}" (${className}): input shape [null,${size}]: a stream needs (batch, steps, features) with a known number of features; numbers that are the same at all times are given as constants (model.constants, --constant ${name}=...)`,
  );
}

/** The outputs of a step program. Those that do not come at every sample get a place to be held in. */
export function stepOutputs(outputs: readonly NamedTensor[], builder: StepBuilder): ModelOutput[] {
  requireCoincidence(outputs, builder);
  return outputs.map(({ name, tensor }) => {
    const { value, rate, mayBeAbsent } = tensor;
    const size = rowSizeOf(tensor);
    const isAlwaysFresh = rate.first === 0 && rate.stride === 1 && mayBeAbsent !== true;
    return {
      name,
      value,
      size,
      shape: shapeOf(tensor),
      ...rowStepsOf(tensor),
      heldOffset: isAlwaysFresh ? null : builder.reserveState(name, 'held', size),
      holdsOffset: isAlwaysFresh ? null : builder.reserveState(name, 'counter', 1),
    };
  });
}

/** In a stream a row of outputs is complete at a sample at which all of them have a step. */
function requireCoincidence(outputs: readonly NamedTensor[], builder: StepBuilder): void {
  for (const one of outputs) {
    for (const other of outputs) {
      if (!coincide(one.tensor.rate, other.tensor.rate)) {
        builder.markInexact(
          'continuous',
          one.name,
          `its outputs and those of layer "${other.name}" never come at the same sample`,
        );
      }
    }
  }
}

/** The outputs of a plan that has no step program: they have a size, and no value of a step. */
export function windowOutputs(outputs: readonly NamedTensor[]): ModelOutput[] {
  return outputs.map((output) => windowOutput(output, rowSizeOf(output.tensor)));
}

/**
 * The outputs of a plan of whole windows with all of their steps in a row, oldest first: (steps, size) becomes
 * one step of steps x size floats, so that an engine, which gives the last step, gives all of them.
 *
 * @returns the outputs, and for each the value that holds its row
 */
export function wholeOutputs(named: readonly NamedTensor[], builder: WindowBuilder) {
  const outputs: ModelOutput[] = [];
  const values: ValueId[] = [];
  for (const output of named) {
    const { value } = output.tensor;
    const size = rowSizeOf(output.tensor);
    const steps = builder.stepsOf(value);
    outputs.push(windowOutput(output, steps * size));
    values.push(steps === 1 ? value : builder.reshape(output.name, value, 1, steps * size));
  }
  return { outputs, values };
}

function windowOutput({ name, tensor }: NamedTensor, size: number): ModelOutput {
  const held = { heldOffset: null, holdsOffset: null };
  return { name, value: 0, size, shape: shapeOf(tensor), ...rowStepsOf(tensor), ...held };
}

function rowStepsOf({ rowSteps }: Tensor): Pick<ModelOutput, 'rowSteps'> {
  return rowSteps === undefined ? {} : { rowSteps };
}
