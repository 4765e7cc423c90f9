import { LstmdError } from '../base/errors.js';
import type { InputOptions } from '../model/plan/input-options.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import type { StreamConfig } from './config-schema.js';
import { streamFeatures } from './stream-features.js';

/**
 * The features that flow into each input of a stream's model, by their indices, its constants and its axes.
 *
 * @throws LstmdError `config.invalid` for a feature that is none, and for one that no input takes
 */
export function inputOptions(config: StreamConfig): InputOptions {
  const { inputs, constants, axes } = config.model;
  return {
    inputs: inputs && featureIndices(inputs, streamFeatures(config)),
    constants: constants && numbersOf(constants),
    inputAxes: axes?.map((axis) => (axis === 1 ? '1' : axis)),
  };
}

/** The numbers of each constant, where one may stand for a list of one. */
export function numbersOf(
  constants: Readonly<Record<string, number | readonly number[]>>,
): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(constants).map(([name, given]) => [
      name,
      typeof given === 'number' ? [given] : given,
    ]),
  );
}

/**
 * The features of each input by their indices.
 *
 * @param names of the features, in the order in which the model gets them
 * @throws LstmdError `config.invalid`
 */
export function featureIndices(
  inputs: Readonly<Record<string, readonly string[]>>,
  names: readonly string[],
): Record<string, number[]> {
  const indices = Object.entries(inputs).map(([input, features]): [string, number[]] => [
    input,
    features.map((feature) => {
      const index = names.indexOf(feature);
      if (index < 0) {
        throw fault(`"${feature}" of ${input} is no feature; there are: ${names.join(', ')}`);
      }
      return index;
    }),
  ]);
  const used = new Set(indices.flatMap(([, list]) => list));
  const unused = names.find((_, index) => !used.has(index));
  if (unused !== undefined) {
    throw fault(`no input takes "${unused}": leave it out of sensor.axes, or give it to one`);
  }
  return Object.fromEntries(indices);
}

/**
 * Requires that it is said which axis of a sensor flows into which of several inputs, since their order need not be
 * that of the model.
 *
 * @throws LstmdError `config.invalid` with the lines to write
 */
export function requireInputs(plan: StreamPlan, { model }: Pick<StreamConfig, 'model'>): void {
  if (plan.inputs.length > 1 && model.inputs === undefined) {
    const inputs = plan.inputs.map(({ name, features }) => `${name}: [${features.length} axes]`);
    throw new LstmdError(
      'config.invalid',
      `the model has ${plan.inputs.length} inputs: say which axes flow into each: model.inputs: { ${inputs.join(', ')} }`,
    );
  }
}

function fault(message: string): LstmdError {
  return new LstmdError('config.invalid', `model.inputs: ${message}`);
}
