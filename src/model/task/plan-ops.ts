import type { StepOp, StreamPlan } from '../plan/stream-plan.js';

/** The operations of a plan's steps; where it has windows alone, those that go through a window step by step. */
export function stepOpsOf({ ops, windowPlan }: StreamPlan): readonly StepOp[] {
  return ops.length > 0 || windowPlan === null
    ? ops
    : windowPlan.ops.flatMap((windowOp) => (windowOp.kind === 'scan' ? [windowOp.op] : []));
}
