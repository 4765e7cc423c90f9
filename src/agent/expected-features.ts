import type { StreamPlan } from '../model/plan/stream-plan.js';
import type { ExpectedFeatures } from '../sensor/feature-check.js';
import type { StreamConfig } from './config-schema.js';

/** A Normalization that was never adapted has the deviation 1 about 0, and one of a constant has next to none. */
const leastDeviation = 1e-6;

/**
 * The features that a model was trained on, where that is known: from a Normalization layer that the input goes
 * through first, else from `features.mean` and `features.std`, which make each feature one of mean 0 and deviation 1.
 * Undefined where nothing tells.
 */
export function expectedFeatures(
  plan: StreamPlan,
  features: Pick<StreamConfig['features'], 'mean' | 'std'>,
): ExpectedFeatures | undefined {
  return fromNormalization(plan) ?? fromStandardization(plan.features, features);
}

/** A Normalization is two operations of one layer: `x - mean`, then that over the deviation. */
function fromNormalization({ ops }: StreamPlan): ExpectedFeatures | undefined {
  for (const first of ops) {
    if (
      first.kind !== 'affine' ||
      first.input !== 0 ||
      !first.scale.every((scale) => scale === 1)
    ) {
      continue;
    }
    const second = ops.find(
      (op) => op.kind === 'affine' && op.input === first.output && op.layer === first.layer,
    );
    if (second?.kind !== 'affine') {
      continue;
    }
    const mean = first.shift.map((shift) => -shift);
    const deviation = second.scale.map((scale) => 1 / scale);
    const isAdapted =
      deviation.every((each) => Number.isFinite(each) && each > leastDeviation) &&
      !(mean.every((each) => each === 0) && deviation.every((each) => each === 1));
    if (isAdapted) {
      return { mean, deviation, source: `the model's Normalization layer "${first.layer}"` };
    }
  }
  return undefined;
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
