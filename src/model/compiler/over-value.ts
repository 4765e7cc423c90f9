import type { Activation } from '../plan/stream-plan.js';

/** Whether an activation is over a whole value, and not over each float by itself. */
export function isOverValue({ kind }: Activation): boolean {
  return kind === 'softmax' || kind === 'logSoftmax' || kind === 'sparsemax';
}
