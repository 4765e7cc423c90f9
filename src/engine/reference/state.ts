import type { BeginOp, KeepOp, RecallOp } from '../../model/plan/step-op.js';
import { readState } from './matrix.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';

export function beginWork(op: BeginOp, x: Float64Array, y: Float64Array): StepWork {
  return (state, lane) => {
    const begun = readCounter(state, lane + op.begunOffset, 1);
    if (begun === 0) {
      state.set(op.states, lane + op.statesOffset);
    }
    state[lane + op.begunOffset] = Math.min(begun + 1, 1);
    y.set(x);
    return true;
  };
}

export function recallWork(op: RecallOp, y: Float64Array): StepWork {
  return (state, lane) => {
    readState(y, state, lane + op.stateOffset);
    return true;
  };
}

export function keepWork(op: KeepOp, x: Float64Array, y: Float64Array): StepWork {
  return (state, lane) => {
    state.set(x, lane + op.stateOffset);
    readState(y, state, lane + op.stateOffset);
    return true;
  };
}
