import { name, positive, z } from './option-types.js';

/**
 * The steps of `features.steps`: what the training did to its recordings between their units and their
 * standardisation, each with its definition in docs/time-and-units.md.
 */

const finite = z.number();
const ofAxes = z
  .array(name)
  .min(1)
  .optional()
  .describe('Names of those that it works on; default all');
const asNames = z
  .array(name)
  .min(1)
  .optional()
  .describe('Names of new values, one for each; default: in place of the old ones');

const filterOptions = {
  axes: ofAxes,
  as: asNames,
  cutoffHz: positive
    .optional()
    .describe('Butterworth of first order, as scipy.signal.butter(1, cutoffHz, fs=rate) makes it'),
  alpha: finite
    .gt(0)
    .lt(1)
    .optional()
    .describe('In place of cutoffHz: smoothing of so much, as g = alpha g + (1 - alpha) x'),
  start: z
    .enum(['settled', 'zero'])
    .default('settled')
    .describe(
      'settled: as if the first value had been there for ever; zero: as lfilter without zi',
    ),
};

const steps = [
  z.strictObject({
    step: z.literal('axes').describe('Chooses and orders the values'),
    order: z
      .array(name)
      .min(1)
      .describe(
        'The values from here on, by name, in this order; a minus before a name turns its sign',
      ),
  }),
  z.strictObject({
    step: z.literal('turn').describe('Turns the axes of the sensor to those of the training'),
    axes: ofAxes,
    matrix: z
      .array(z.array(finite).min(1))
      .min(1)
      .describe('Square: each new value is the sum of a row times the old ones, matrix @ v'),
  }),
  z.strictObject({
    step: z.literal('scale').describe('Multiplies values'),
    axes: ofAxes,
    by: z.union([finite, z.array(finite).min(1)]).describe('Factor, one for all or one for each'),
  }),
  z.strictObject({
    step: z.literal('standardize').describe('Takes a mean off and divides by a deviation'),
    axes: ofAxes,
    mean: z
      .union([finite, z.array(finite).min(1)])
      .default(0)
      .describe('Taken from each value, one for all or one for each'),
    std: z
      .union([positive, z.array(positive).min(1)])
      .default(1)
      .describe('... which is then divided by this'),
  }),
  z.strictObject({
    step: z.literal('highPass').describe('Removes what is slow, such as gravity'),
    ...filterOptions,
  }),
  z.strictObject({
    step: z.literal('lowPass').describe('Keeps what is slow, such as gravity'),
    ...filterOptions,
  }),
  z.strictObject({
    step: z.literal('difference').describe('Each value less that of the sample before'),
    axes: ofAxes,
    as: asNames,
  }),
  z.strictObject({
    step: z.literal('magnitude').describe('Adds the length of the vector of the values'),
    axes: ofAxes,
    as: name.default('magnitude').describe('Name of the new value, after the others'),
  }),
  z.strictObject({
    step: z.literal('clip').describe('Bounds values'),
    axes: ofAxes,
    min: finite.optional().describe('A smaller value becomes this'),
    max: finite.optional().describe('A larger value becomes this'),
  }),
] as const;

/** One step with its options. */
export const featureStep = z.discriminatedUnion('step', steps, {
  error: ({ code }) =>
    code === 'invalid_union'
      ? `must be one of ${steps.map((each) => `"${each.shape.step.value}"`).join(', ')}`
      : undefined,
});

export type FeatureStepOptions = z.output<typeof featureStep>;
