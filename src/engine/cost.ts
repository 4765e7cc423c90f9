import type { StepOp, StreamPlan } from '../model/plan/stream-plan.js';
import type { WindowOp, WindowPlan } from '../model/plan/window-plan.js';
import type { StepProgram } from './program/program.js';

/** Multiply-adds in matrices that one step of one lane takes at most. */
export function multiplyAdds(plan: StreamPlan): number {
  return sum(plan.ops, (op) => stepCost(op, (value) => plan.valueSizes[value] ?? 0));
}

/** Multiply-adds in matrices that a whole window takes. */
export function windowMultiplyAdds(plan: WindowPlan): number {
  return sum(plan.ops, (op) => windowCost(op, plan));
}

/** Multiply-adds for one sample: of every lane that steps, or the share that one sample has of a window. */
export function multiplyAddsPerSample({ plan, lanes, wholeWindow, stride }: StepProgram): number {
  return wholeWindow && plan.windowPlan !== null
    ? Math.ceil(windowMultiplyAdds(plan.windowPlan) / stride)
    : multiplyAdds(plan) * lanes;
}

function windowCost(windowOp: WindowOp, { values }: WindowPlan): number {
  if (windowOp.kind !== 'scan') {
    return 0;
  }
  const { op } = windowOp;
  const cost = stepCost(op, (value) => values[value]?.size ?? 0);
  const steps = values[op.input]?.steps ?? 0;
  return cost * (op.kind === 'conv' ? Math.ceil(steps / op.stride) : steps);
}

/** Operations without a matrix take no multiply-adds that would count beside those with one. */
function stepCost(op: StepOp, sizeOf: (value: number) => number): number {
  if (op.kind === 'matMul') {
    return op.count * op.rows * op.inner * op.columns;
  }
  if (op.kind === 'timeDense') {
    return sizeOf(op.input) * sizeOf(op.output);
  }
  const recurrent = 'recurrentKernel' in op ? op.recurrentKernel.length : 0;
  return recurrent + ('kernel' in op ? op.kernel.length : 0);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
