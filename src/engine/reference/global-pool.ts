import { seenLimit } from '../../model/plan/stream-plan.js';
import type { GlobalPoolOp } from '../../model/plan/step-op.js';
import { readState } from './matrix.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';

/** See `GlobalPoolOp`. The accumulator is rounded to the state's float32 at each step, as in every engine. */
export function globalPoolWork(
  op: GlobalPoolOp,
  x: Float64Array,
  mask: Float64Array | null,
  y: Float64Array,
): StepWork {
  const { accOffset, countOffset } = op;
  const isMaximum = op.operation === 'maximum';
  return (state, lane) => {
    const kept = mask?.[0] !== 0;
    const before = readCounter(state, lane + countOffset, seenLimit);
    const count = Math.min(before + (kept ? 1 : 0), seenLimit);
    state[lane + countOffset] = count;
    if (count === 0) {
      return false;
    }
    readState(y, state, lane + accOffset);
    if (kept) {
      for (let i = 0; i < y.length; i += 1) {
        const value = x[i];
        y[i] = before === 0 ? value : isMaximum ? Math.max(y[i], value) : y[i] + value;
      }
      state.set(y, lane + accOffset);
    }
    if (!isMaximum) {
      for (let i = 0; i < y.length; i += 1) {
        y[i] /= count;
      }
    }
    return true;
  };
}
