import type { DenseOp, TimeDenseOp } from '../../model/plan/step-op.js';
import { referenceActivation } from './activation.js';
import { setBias, multiplyAdd, readState } from './matrix.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';

export function denseWork(op: DenseOp, x: Float64Array, y: Float64Array): StepWork {
  const activate = referenceActivation(op.activation);
  return () => {
    setBias(y, op.bias);
    multiplyAdd(y, x, op.kernel);
    activate(y, 0, y.length);
    return true;
  };
}

export function timeDenseWork(op: TimeDenseOp, x: Float64Array, y: Float64Array): StepWork {
  const { kernel, bias, accOffset, positionOffset } = op;
  const activate = referenceActivation(op.activation);
  const stepSize = x.length * y.length;
  const steps = kernel.length / stepSize;
  return (state, lane) => {
    const position = readCounter(state, lane + positionOffset, steps - 1);
    if (position === 0) {
      y.fill(0);
    } else {
      readState(y, state, lane + accOffset);
    }
    multiplyAdd(y, x, kernel, position * stepSize);
    state.set(y, lane + accOffset);
    state[lane + positionOffset] = (position + 1) % steps;
    if (bias !== null) {
      for (let i = 0; i < y.length; i += 1) {
        y[i] += bias[i];
      }
    }
    activate(y, 0, y.length);
    return true;
  };
}
