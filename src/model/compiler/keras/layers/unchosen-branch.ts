import { inputsOf, type StepOp, type ValueId } from '../../../plan/step-op.js';

/*
 * A choice computes both of its branches and weighs them by 0 and 1, so that a branch that is no finite number
 * spoils the other one, which Keras would have chosen.
 */

/**
 * True where a float of `value` comes from a root, a logarithm or a quotient of floats that nothing keeps from
 * where it is not finite.
 */
export function mayBeNotFinite(ops: readonly StepOp[], value: ValueId): boolean {
  const values = new Set([value]);
  // Values that are added on the way are visited too.
  for (const each of values) {
    const op = ops.find(({ output }) => output === each);
    const risky = op === undefined ? undefined : riskyInput(op);
    if (risky !== undefined && !isGuarded(ops, risky)) {
      return true;
    }
    for (const input of op === undefined ? [] : inputsOf(op)) {
      values.add(input);
    }
  }
  return false;
}

/** The input that must not be zero, or not be negative. */
function riskyInput(op: StepOp): ValueId | undefined {
  if (op.kind === 'merge') {
    return op.operation === 'divide' ? op.inputs[1] : undefined;
  }
  if (op.kind !== 'activation') {
    return undefined;
  }
  const { activation } = op;
  const isRisky =
    ['log', 'log1p', 'squareRoot', 'reciprocal'].includes(activation.kind) ||
    (activation.kind === 'power' && !(activation.exponent > 0 && activation.exponent % 1 === 0));
  return isRisky ? op.input : undefined;
}

/** True where an activation, a larger or a smaller of two, or a product may keep the floats in bounds. */
function isGuarded(ops: readonly StepOp[], value: ValueId): boolean {
  const op = ops.find(({ output }) => output === value);
  switch (op?.kind) {
    case 'affine':
    case 'gather':
      return isGuarded(ops, op.input);
    case 'merge':
      return op.operation === 'add'
        ? op.inputs.every((input) => isGuarded(ops, input))
        : op.operation !== 'subtract';
    case 'activation':
    case 'dense':
      return op.activation.kind !== 'linear';
    case 'reduce':
      return true;
    default:
      return false;
  }
}
