import type { MatMulOp, ReduceOp } from '../../model/plan/step-op.js';
import type { StepWork } from '../interpreter/step-work.js';
import type { TfTensor, TensorFlow } from './tensorflow.js';

export function reduceWork(
  tf: TensorFlow,
  { operation }: ReduceOp,
  x: Float64Array,
  y: Float64Array,
): StepWork {
  const reduce = reductions(tf)[operation];
  const shape = [y.length, x.length / y.length];
  return () => {
    tf.tidy(() => {
      y.set(reduce(tf.tensor(Float32Array.from(x), shape)).dataSync());
    });
    return true;
  };
}

/** The reduction over the last axis that each operation is. */
function reductions(
  tf: TensorFlow,
): Readonly<Record<ReduceOp['operation'], (x: TfTensor) => TfTensor>> {
  return {
    sum: (x) => tf.sum(x, -1, true),
    mean: (x) => tf.mean(x, -1, true),
    maximum: (x) => tf.max(x, -1, true),
    minimum: (x) => tf.min(x, -1, true),
  };
}

export function matMulWork(
  tf: TensorFlow,
  { count, rows, inner, columns }: MatMulOp,
  memory: {
    readonly left: Float64Array;
    readonly right: Float64Array;
    readonly y: Float64Array;
  },
): StepWork {
  return () => {
    tf.tidy(() => {
      const left = tf.tensor(Float32Array.from(memory.left), [count, rows, inner]);
      const right = tf.tensor(Float32Array.from(memory.right), [count, inner, columns]);
      memory.y.set(tf.matMul(left, right).dataSync());
    });
    return true;
  };
}
