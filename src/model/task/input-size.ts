import type { StepOp } from '../plan/step-op.js';
import type { StreamPlan } from '../plan/stream-plan.js';
import type { Normalization } from './normalization.js';
import { stepOpsOf } from './plan-ops.js';

/** A sigmoid or tanh of a number beyond this tells it from no larger one: 0.993, 0.9999. */
const saturated = 5;

/**
 * The size of the features that a model was made for, as far as its first weights tell, where it has no adapted
 * Normalization: what a BatchNormalization or Rescaling makes about 1 of, else the features at which the gates of
 * recurrent layers would be at their ends. It is right to a factor only. Undefined where neither comes first.
 */
export function inputSizeOf(plan: StreamPlan): Normalization | undefined {
  const ops = stepOpsOf(plan);
  const inputs = new Set([
    0,
    ...ops.flatMap((op) => (op.kind === 'mask' && op.input === 0 ? [op.output] : [])),
  ]);
  const first = ops.filter((op) => op.kind !== 'mask' && inputs.has(inputOf(op)));
  return ofAffine(first, plan.features) ?? ofGates(first, plan.features);
}

/** The value that an operation of one input reads; -1 for others. */
function inputOf(op: StepOp): number {
  return 'input' in op ? op.input : -1;
}

function ofAffine(first: readonly StepOp[], features: number): Normalization | undefined {
  const [op] = first;
  if (first.length !== 1 || op?.kind !== 'affine' || op.scale.length !== features) {
    return undefined;
  }
  const mean = op.shift.map((shift, n) => -shift / (op.scale[n] ?? 0));
  const deviation = op.scale.map((scale) => 1 / Math.abs(scale));
  const isKnown =
    [...mean, ...deviation].every(Number.isFinite) &&
    !(mean.every((each) => each === 0) && deviation.every((each) => each === 1));
  return isKnown ? { mean, deviation, source: `the model's layer "${op.layer}"` } : undefined;
}

function ofGates(first: readonly StepOp[], features: number): Normalization | undefined {
  const [op] = first;
  const kernels = first.flatMap((each) => (hasEnds(each) ? [each.kernel] : []));
  if (op === undefined || kernels.length < first.length) {
    return undefined;
  }
  const squares = new Float64Array(features);
  let columns = 0;
  for (const kernel of kernels) {
    const width = kernel.length / features;
    columns += width;
    for (const [n, weight] of kernel.entries()) {
      const feature = Math.floor(n / width);
      squares[feature] = (squares[feature] ?? 0) + weight ** 2;
    }
  }
  const deviation = Float32Array.from(squares, (sum) => saturated / Math.sqrt(sum / columns));
  const mean = new Float32Array(features);
  return { mean, deviation, source: `the size of the weights of the model's layer "${op.layer}"` };
}

/** True for a recurrent layer whose gates have ends, beyond which they tell no input from another. */
function hasEnds(op: StepOp): op is Extract<StepOp, { kind: 'lstm' | 'gru' | 'simpleRnn' }> {
  switch (op.kind) {
    case 'lstm':
    case 'gru':
      return isBounded(op.recurrentActivation.kind);
    case 'simpleRnn':
      return isBounded(op.activation.kind);
    default:
      return false;
  }
}

function isBounded(kind: string): boolean {
  return ['sigmoid', 'hardSigmoid', 'tanh', 'hardTanh'].includes(kind);
}
