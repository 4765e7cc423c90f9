import { LstmdError } from '../../base/errors.js';
import type { StreamPlan } from '../plan/stream-plan.js';

/** Floats that running a plan may take beside its weights: more than any model of a stream has use for. */
const maxFloats = 2 ** 25;

/**
 * A few digits of a file can ask for any amount of memory (`pool_size`, `padding`, `n`).
 *
 * @throws LstmdError `model.refused` for a plan whose state and registers are beyond all reason
 */
export function checkMemory(plan: StreamPlan): void {
  const { windowPlan } = plan;
  const registers = plan.valueSizes.reduce((sum, size) => sum + size, plan.laneStateSize);
  const ofWindow = (windowPlan?.values ?? []).reduce(
    (sum, { steps, size }) => sum + steps * size,
    windowPlan?.scratchSize ?? 0,
  );
  const floats = Math.max(registers, ofWindow);
  if (floats <= maxFloats) {
    return;
  }
  const mebibytes = Math.round((floats * 4) / 2 ** 20);
  throw new LstmdError(
    'model.refused',
    `its layers would take ${mebibytes} MiB of memory to run, more than the ${(maxFloats * 4) / 2 ** 20} MiB that are given to a model`,
  );
}
