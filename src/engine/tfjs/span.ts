import { seenLimit } from '../../model/plan/stream-plan.js';
import type { ConvOp, GlobalPoolOp, PoolOp } from '../../model/plan/step-op.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';
import { spanWork } from '../reference/span.js';
import { plus, rowOf, weightsRow } from './row.js';
import type { TfTensor, TensorFlow } from './tensorflow.js';
import { tfjsActivation } from './activation.js';

/** A convolution as one product of (groups, 1, size x inputs) and (groups, size x inputs, filters). */
export function convWork(tf: TensorFlow, op: ConvOp, x: Float64Array, y: Float64Array): StepWork {
  const { size, groups } = op;
  const inputs = x.length / groups;
  const width = size * inputs;
  const kernel = groupedKernel(tf, op, width, y.length);
  const bias = weightsRow(tf, op.bias);
  const activate = tfjsActivation(tf, op.activation);
  const span = new Float32Array(groups * width);
  return spanWork(op, x, {
    begin: () => span.fill(0),
    take: (values, from, tap) => {
      for (let group = 0; group < groups; group += 1) {
        for (let row = 0; row < inputs; row += 1) {
          span[group * width + tap * inputs + row] = values[from + group * inputs + row];
        }
      }
    },
    end: () => {
      tf.tidy(() => {
        const covered = tf.tensor(span.slice(), [groups, 1, width]);
        const product = tf.reshape(tf.matMul(covered, kernel), [1, y.length]);
        y.set(activate(plus(tf, product, bias)).dataSync());
      });
    },
  });
}

/** The kernel as (groups, width, filters of a group), from (width, filters). */
function groupedKernel(
  tf: TensorFlow,
  { kernel, groups }: ConvOp,
  width: number,
  filters: number,
): TfTensor {
  const groupFilters = filters / groups;
  const grouped = new Float32Array(kernel.length);
  for (let row = 0; row < width; row += 1) {
    for (let f = 0; f < filters; f += 1) {
      const group = Math.floor(f / groupFilters);
      grouped[(group * width + row) * groupFilters + (f % groupFilters)] =
        kernel[row * filters + f];
    }
  }
  return tf.tensor(grouped, [groups, width, groupFilters]);
}

export function poolWork(tf: TensorFlow, op: PoolOp, x: Float64Array, y: Float64Array): StepWork {
  const combine = op.operation === 'average' ? tf.add : tf.maximum;
  const taps: Float32Array[] = [];
  return spanWork(op, x, {
    begin: () => {
      taps.length = 0;
    },
    take: (values, from) => {
      taps.push(Float32Array.from(values.subarray(from, from + y.length)));
    },
    end: (taken) => {
      tf.tidy(() => {
        const pooled = taps.map((tap) => rowOf(tf, tap)).reduce((a, b) => combine(a, b));
        y.set((op.operation === 'average' ? tf.div(pooled, taken) : pooled).dataSync());
      });
    },
  });
}

/** See `GlobalPoolOp`; the accumulator is rounded to float32 at each step, as in every engine. */
export function globalPoolWork(
  tf: TensorFlow,
  op: GlobalPoolOp,
  values: {
    readonly x: Float64Array;
    readonly mask: Float64Array | null;
    readonly y: Float64Array;
  },
): StepWork {
  const { x, mask, y } = values;
  const { accOffset, countOffset } = op;
  const isMaximum = op.operation === 'maximum';
  const combine = isMaximum ? tf.maximum : tf.add;
  return (state, lane) => {
    const kept = mask?.[0] !== 0;
    const before = readCounter(state, lane + countOffset, seenLimit);
    const count = Math.min(before + (kept ? 1 : 0), seenLimit);
    state[lane + countOffset] = count;
    if (count === 0) {
      return false;
    }
    const acc = state.subarray(lane + accOffset, lane + accOffset + y.length);
    tf.tidy(() => {
      let pooled = rowOf(tf, acc);
      if (kept) {
        pooled = before === 0 ? rowOf(tf, x) : combine(pooled, rowOf(tf, x));
        acc.set(pooled.dataSync());
      }
      y.set((isMaximum ? pooled : tf.div(pooled, count)).dataSync());
    });
    return true;
  };
}
