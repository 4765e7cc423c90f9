import type { StreamPlan } from '../model/plan/stream-plan.js';

/**
 * Makes NaN of each feature that must be a row of an Embedding's table and is none, so that the engine refuses the
 * sample as it refuses any that is not finite.
 *
 * @param input (count, features), changed in place
 */
export function refuseOtherIndices(
  { indexFeatures, features }: StreamPlan,
  input: Float32Array,
  count: number,
): void {
  for (const { feature, below } of indexFeatures) {
    for (let at = feature; at < count * features; at += features) {
      const value = input[at] ?? Number.NaN;
      if (!(Number.isInteger(value) && value >= 0 && value < below)) {
        input[at] = Number.NaN;
      }
    }
  }
}
