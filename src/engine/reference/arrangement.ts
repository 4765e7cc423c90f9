import type { GatherOp, MatMulOp, ReduceOp } from '../../model/plan/step-op.js';
import type { StepWork } from '../interpreter/step-work.js';

export function gatherWork({ indices }: GatherOp, x: Float64Array, y: Float64Array): StepWork {
  return () => {
    for (let i = 0; i < y.length; i += 1) {
      const index = indices[i];
      y[i] = index < 0 ? 0 : x[index];
    }
    return true;
  };
}

export function reduceWork({ operation }: ReduceOp, x: Float64Array, y: Float64Array): StepWork {
  const run = x.length / y.length;
  const combine = combinations[operation];
  const share = operation === 'mean' ? 1 / run : 1;
  return () => {
    for (let i = 0; i < y.length; i += 1) {
      let value = x[i * run];
      for (let k = 1; k < run; k += 1) {
        value = combine(value, x[i * run + k]);
      }
      y[i] = value * share;
    }
    return true;
  };
}

const combinations: Readonly<Record<ReduceOp['operation'], (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  mean: (a, b) => a + b,
  maximum: Math.max,
  minimum: Math.min,
};

/** @param a the left factors, @param b the right ones */
export function matMulWork(
  { count, rows, inner, columns }: MatMulOp,
  a: Float64Array,
  b: Float64Array,
  y: Float64Array,
): StepWork {
  return () => {
    y.fill(0);
    for (let row = 0; row < count * rows; row += 1) {
      const factor = Math.floor(row / rows) * inner * columns;
      for (let k = 0; k < inner; k += 1) {
        const left = a[row * inner + k];
        for (let column = 0; column < columns; column += 1) {
          y[row * columns + column] += left * b[factor + k * columns + column];
        }
      }
    }
    return true;
  };
}
