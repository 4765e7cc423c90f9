import { featureStep } from './feature-steps.js';
import { positive, z } from './option-types.js';

const perAxis = z.array(z.number()).min(1);

/** The `features` section of a stream: from readings to the inputs of its model. */
export const features = z
  .strictObject({
    scale: z
      .union([z.number(), perAxis])
      .default(1)
      .describe('Reading, in model.units where both units are known, times this ...'),
    steps: z
      .array(featureStep)
      .default([])
      .describe('... then these steps, what the training did and in its order ...'),
    mean: z.union([z.number(), perAxis]).default(0).describe('... minus this ...'),
    std: z
      .union([positive, z.array(positive).min(1)])
      .default(1)
      .describe('... over this'),
    min: z.number().optional().describe('Raw readings below are refused and counted'),
    max: z.number().optional().describe('Raw readings above are refused and counted'),
  })
  .superRefine(({ min, max }, context) => {
    if (min !== undefined && max !== undefined && min > max) {
      const message = `must not be above max (${max}): every reading would be refused`;
      context.addIssue({ code: 'custom', path: ['min'], message });
    }
  })
  .prefault({})
  .describe('From readings to the inputs of the model');
