import type {
  ActivationOp,
  AffineOp,
  LayerNormOp,
  MergeOp,
  PreluOp,
} from '../../model/plan/step-op.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';
import { plus, rowOf, weightsRow } from './row.js';
import type { TfTensor, TensorFlow } from './tensorflow.js';
import { tfjsActivation } from './activation.js';

/** The work of an operation that maps one tensor to one, without state. */
function mapWork(
  tf: TensorFlow,
  x: Float64Array,
  y: Float64Array,
  map: (x: TfTensor) => TfTensor,
): StepWork {
  return () => {
    tf.tidy(() => {
      y.set(map(rowOf(tf, x)).dataSync());
    });
    return true;
  };
}

export function activationWork(
  tf: TensorFlow,
  op: ActivationOp,
  x: Float64Array,
  y: Float64Array,
): StepWork {
  return mapWork(tf, x, y, tfjsActivation(tf, op.activation));
}

export function affineWork(
  tf: TensorFlow,
  op: AffineOp,
  x: Float64Array,
  y: Float64Array,
): StepWork {
  const scale = rowOf(tf, op.scale);
  const shift = rowOf(tf, op.shift);
  return mapWork(tf, x, y, (row) => tf.add(tf.mul(row, scale), shift));
}

export function preluWork(tf: TensorFlow, op: PreluOp, x: Float64Array, y: Float64Array): StepWork {
  const { steps, positionOffset } = op;
  const size = y.length;
  const slopes = Array.from({ length: steps }, (_, step) =>
    rowOf(tf, op.alpha.subarray(step * size, (step + 1) * size)),
  );
  return (state, lane) => {
    const position =
      positionOffset === null ? 0 : readCounter(state, lane + positionOffset, steps - 1);
    if (positionOffset !== null) {
      state[lane + positionOffset] = (position + 1) % steps;
    }
    const slope: TfTensor | undefined = slopes[position];
    // The count was damaged: the state holds NaN now, for which the engine resets it.
    if (slope === undefined) {
      return false;
    }
    tf.tidy(() => {
      const row = rowOf(tf, x);
      y.set(tf.where(tf.greater(row, 0), row, tf.mul(row, slope)).dataSync());
    });
    return true;
  };
}

export function layerNormWork(
  tf: TensorFlow,
  op: LayerNormOp,
  x: Float64Array,
  y: Float64Array,
): StepWork {
  const gamma = weightsRow(tf, op.gamma);
  const beta = weightsRow(tf, op.beta);
  return mapWork(tf, x, y, (row) => {
    const centred = tf.sub(row, tf.mean(row, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const normal = tf.div(centred, tf.sqrt(tf.add(variance, op.epsilon)));
    return plus(tf, gamma === null ? normal : tf.mul(normal, gamma), beta);
  });
}

export function mergeWork(
  tf: TensorFlow,
  op: MergeOp,
  inputs: readonly Float64Array[],
  y: Float64Array,
): StepWork {
  const { operation } = op;
  const combine = {
    add: tf.add,
    subtract: tf.sub,
    multiply: tf.mul,
    average: tf.add,
    maximum: tf.maximum,
    minimum: tf.minimum,
    divide: tf.div,
  }[operation];
  return () => {
    tf.tidy(() => {
      const merged = inputs
        .map((values) => rowOf(tf, values))
        .reduce((all, one) => combine(all, one));
      y.set((operation === 'average' ? tf.div(merged, inputs.length) : merged).dataSync());
    });
    return true;
  };
}
