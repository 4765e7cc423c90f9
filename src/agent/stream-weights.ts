import type { WeightFormat } from '../engine/program/weight-format.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';
import { readCase } from '../stream/verify-case.js';
import { chooseWeights } from '../stream/weight-choice.js';
import type { StreamConfig } from './config-schema.js';

/**
 * The format of large matrices that a configuration asks for, or has found.
 *
 * @throws LstmdError as `chooseWeights` does
 */
export async function weightsOf(
  plan: StreamPlan,
  { mode, engine, weights, verify }: StreamConfig['model'],
  signal: AbortSignal | undefined,
): Promise<WeightFormat> {
  if (weights !== 'auto') {
    return weights;
  }
  return verify === undefined
    ? 'f32'
    : chooseWeights(plan, await readCase(verify), { mode, engine, signal });
}
