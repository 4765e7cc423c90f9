import { LstmdError } from '../../base/errors.js';
import type { StreamPlan } from '../plan/stream-plan.js';

/*
 * A few digits of a file can ask for any amount of memory (`pool_size`, `padding`, `n`): these
 * limits are far beyond what a model of a sensor stream needs.
 */

/** Floats that the largest value of a plan may have. */
const maxValueFloats = 2 ** 26;
/** Floats that running a plan may take beside its weights. */
const maxPlanFloats = 2 ** 25;

/** @throws LstmdError `model.refused` for a value of more floats than a plan may have */
export function checkValueSize(floats: number): void {
  if (floats > maxValueFloats) {
    throw new LstmdError(
      'model.refused',
      `one of its tensors would take ${Math.ceil(mebibytes(floats))} MiB of memory to run, more than ${mebibytes(maxValueFloats)}`,
    );
  }
}

/** @throws LstmdError `model.refused` for a plan whose values and state take too much memory */
export function checkPlanMemory({ valueSizes, laneStateSize, windowPlan }: StreamPlan): void {
  const stepFloats = valueSizes.reduce((sum, size) => sum + size, laneStateSize);
  const windowFloats = (windowPlan?.values ?? []).reduce(
    (sum, { steps, size }) => sum + steps * size,
    windowPlan?.scratchSize ?? 0,
  );
  const floats = Math.max(stepFloats, windowFloats);
  if (floats > maxPlanFloats) {
    throw new LstmdError(
      'model.refused',
      `its layers would take ${Math.round(mebibytes(floats))} MiB of memory to run, more than the ${mebibytes(maxPlanFloats)} MiB that are given to a model`,
    );
  }
}

function mebibytes(floats: number): number {
  return (floats * Float32Array.BYTES_PER_ELEMENT) / 2 ** 20;
}
