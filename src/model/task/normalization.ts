import type { StreamPlan } from '../plan/stream-plan.js';
import { stepOpsOf } from './plan-ops.js';

/** Holds what a layer of a model makes features of mean 0 and deviation 1 of. */
export interface Normalization {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** The layer, for a message. */
  readonly source: string;
}

/** A Normalization that was never adapted has the deviation 1 about 0, and one of a constant has next to none. */
const leastDeviation = 1e-6;

/**
 * The Normalization layer that a model's input goes through first, in steps or in whole windows: two operations of
 * one layer, `x - mean`, then that over the deviation. Undefined without one, or where it was never adapted.
 */
export function normalizationOf(plan: StreamPlan): Normalization | undefined {
  const ops = stepOpsOf(plan);
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
