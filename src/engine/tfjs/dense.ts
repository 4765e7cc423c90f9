import type { DenseOp, TimeDenseOp } from '../../model/plan/step-op.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';
import { matrixOf, plus, rowOf, weightsRow } from './row.js';
import type { TfTensor, TensorFlow } from './tensorflow.js';
import { tfjsActivation } from './activation.js';

export function denseWork(tf: TensorFlow, op: DenseOp, x: Float64Array, y: Float64Array): StepWork {
  const kernel = matrixOf(tf, op.kernel, y.length);
  const bias = weightsRow(tf, op.bias);
  const activate = tfjsActivation(tf, op.activation);
  return () => {
    tf.tidy(() => {
      y.set(activate(plus(tf, tf.matMul(rowOf(tf, x), kernel), bias)).dataSync());
    });
    return true;
  };
}

export function timeDenseWork(
  tf: TensorFlow,
  op: TimeDenseOp,
  x: Float64Array,
  y: Float64Array,
): StepWork {
  const { accOffset, positionOffset } = op;
  const stepSize = x.length * y.length;
  const steps = op.kernel.length / stepSize;
  const kernels = Array.from({ length: steps }, (_, step) =>
    matrixOf(tf, op.kernel.subarray(step * stepSize, (step + 1) * stepSize), y.length),
  );
  const bias = weightsRow(tf, op.bias);
  const activate = tfjsActivation(tf, op.activation);
  return (state, lane) => {
    const position = readCounter(state, lane + positionOffset, steps - 1);
    const kernel: TfTensor | undefined = kernels[position];
    state[lane + positionOffset] = (position + 1) % steps;
    // The count was damaged: the state holds NaN now, for which the engine resets it.
    if (kernel === undefined) {
      return false;
    }
    const acc = state.subarray(lane + accOffset, lane + accOffset + y.length);
    tf.tidy(() => {
      const product = tf.matMul(rowOf(tf, x), kernel);
      const sum = position === 0 ? product : tf.add(rowOf(tf, acc), product);
      acc.set(sum.dataSync());
      y.set(activate(plus(tf, sum, bias)).dataSync());
    });
    return true;
  };
}
