import type { StreamPlan } from '../model/plan/stream-plan.js';
import { inputSizeOf } from '../model/task/input-size.js';
import { normalizationOf } from '../model/task/normalization.js';
import type { ExpectedFeatures } from '../sensor/feature-check.js';
import type { StreamConfig } from './config-schema.js';

/** Features whose size is known to a factor only are far off beyond so many of its deviations. */
const mostRoughDeviations = 12;

/**
 * The features that a model was trained on, where that is known: from a Normalization layer that the input goes
 * through first, else from `features.mean` and `features.std`, which make each feature one of mean 0 and deviation 1,
 * else to a factor from the model's first weights. The defaults 0 and 1 say nothing, written out or not: they stand in
 * configurations of models that were trained on readings as they are. Undefined where nothing tells.
 */
export function expectedFeatures(
  plan: StreamPlan,
  features: Pick<StreamConfig['features'], 'mean' | 'std'>,
): ExpectedFeatures | undefined {
  const exact = normalizationOf(plan) ?? fromStandardization(plan.features, features);
  const rough = exact ? undefined : inputSizeOf(plan);
  return exact ?? (rough && { ...rough, mostDeviations: mostRoughDeviations });
}

function fromStandardization(
  size: number,
  { mean, std }: Pick<StreamConfig['features'], 'mean' | 'std'>,
): ExpectedFeatures | undefined {
  const isStandardized = [std].flat().some((each) => each !== 1) || [mean].flat().some(Boolean);
  return isStandardized
    ? {
        mean: new Float32Array(size),
        deviation: new Float32Array(size).fill(1),
        source: 'features.mean and features.std',
      }
    : undefined;
}
