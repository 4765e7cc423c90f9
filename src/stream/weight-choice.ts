import { thisWeightMachine, type WeightMachine } from '../engine/weight-machine.js';
import { fasterFormats } from '../engine/weight-speed.js';
import type { EngineName } from '../engine/program/engine.js';
import type { WeightFormat } from '../engine/program/weight-format.js';
import type { Mode, StreamPlan } from '../model/plan/stream-plan.js';
import type { VerifyCase } from './verify-case.js';
import { verifyCase } from './verification.js';

/**
 * The format of large matrices that is fastest for a model on this machine, of those that reproduce a case within its
 * tolerance; float32 where none of the others does.
 *
 * @param options.machine default: this one
 * @throws LstmdError as `verifyCase` does; the signal's reason when that aborts
 */
export async function chooseWeights(
  plan: StreamPlan,
  known: VerifyCase,
  options: {
    readonly mode: Mode;
    readonly engine?: 'auto' | EngineName;
    readonly signal?: AbortSignal | undefined;
    readonly machine?: WeightMachine;
  },
): Promise<WeightFormat> {
  const { machine = await thisWeightMachine(), ...rest } = options;
  for (const weights of fasterFormats(plan, machine)) {
    const { ok } = await verifyCase(plan, known, { ...rest, weights });
    if (ok) {
      return weights;
    }
  }
  return 'f32';
}
