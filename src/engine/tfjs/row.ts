import type { TfTensor, TensorFlow } from './tensorflow.js';

/** A (1, size) tensor of a copy of the values, because TensorFlow.js keeps the array that it is given. */
export function rowOf(tf: TensorFlow, values: Float32Array | Float64Array): TfTensor {
  return tf.tensor(Float32Array.from(values), [1, values.length]);
}

/** A (1, size) tensor of weights; null where there are none. */
export function weightsRow(tf: TensorFlow, weights: Float32Array | null): TfTensor | null {
  return weights === null ? null : rowOf(tf, weights);
}

/** A (rows, columns) tensor of weights, which are row-major. */
export function matrixOf(tf: TensorFlow, weights: Float32Array, columns: number): TfTensor {
  return tf.tensor(weights.slice(), [weights.length / columns, columns]);
}

/** `x + b`, or x. */
export function plus(tf: TensorFlow, x: TfTensor, bias: TfTensor | null): TfTensor {
  return bias === null ? x : tf.add(x, bias);
}
