import type { Activation } from '../../model/plan/activation.js';
import type { TfTensor, TensorFlow } from './tensorflow.js';

/**
 * An activation of a (1, size) tensor, as Keras defines it. It is composed of primitives, because the
 * layers of TensorFlow.js have neither the formulas of Keras 3 nor all of its parameters.
 */
export function tfjsActivation(tf: TensorFlow, activation: Activation): (x: TfTensor) => TfTensor {
  const isAbove = (x: TfTensor, limit: number): TfTensor => tf.greater(x, limit);
  const like = (x: TfTensor, value: number): TfTensor => tf.fill(x.shape, value);
  /** It is made of comparisons, which keep NaN where minimum and maximum may not. */
  const clip = (x: TfTensor, least: number, most: number): TfTensor =>
    tf.where(isAbove(x, most), like(x, most), tf.where(tf.greater(least, x), like(x, least), x));
  const softplus = (x: TfTensor): TfTensor =>
    tf.add(tf.maximum(x, 0), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
  const elu = (x: TfTensor, alpha: number, width: number): TfTensor =>
    tf.where(isAbove(x, 0), x, tf.mul(tf.expm1(tf.div(tf.minimum(x, 0), width)), alpha));
  const lessMaximum = (x: TfTensor): TfTensor => tf.sub(x, tf.max(x, -1, true));
  const softmax = (x: TfTensor): TfTensor => {
    const power = tf.exp(lessMaximum(x));
    return tf.div(power, tf.sum(power, -1, true));
  };
  switch (activation.kind) {
    case 'linear':
      return (x) => x;
    case 'softmax':
      return softmax;
    case 'logSoftmax':
      return (x) => {
        const less = lessMaximum(x);
        return tf.sub(less, tf.log(tf.sum(tf.exp(less), -1, true)));
      };
    case 'sparsemax':
      return (x) => sparsemax(tf, x);
    case 'sigmoid':
      return tf.sigmoid;
    case 'tanh':
      return tf.tanh;
    case 'softplus':
      return softplus;
    case 'softsign':
      return (x) => tf.div(x, tf.add(tf.abs(x), 1));
    case 'exponential':
      return tf.exp;
    case 'selu':
      return (x) => tf.mul(elu(x, seluAlpha, 1), seluScale);
    case 'silu':
      return (x) => tf.mul(x, tf.sigmoid(x));
    case 'gelu':
      return activation.approximate
        ? (x) => {
            const cubic = tf.mul(tf.mul(tf.square(x), x), 0.044715);
            const inner = tf.mul(tf.add(x, cubic), Math.sqrt(2 / Math.PI));
            return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
          }
        : (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case 'mish':
      return (x) => tf.mul(x, tf.tanh(softplus(x)));
    case 'logSigmoid':
      return (x) => tf.neg(softplus(tf.neg(x)));
    case 'tanhShrink':
      return (x) => tf.sub(x, tf.tanh(x));
    case 'hardTanh':
      return (x) => clip(x, -1, 1);
    case 'hardSilu':
      return (x) => tf.mul(x, clip(tf.add(tf.div(x, 6), 0.5), 0, 1));
    case 'sparsePlus':
      return (x) =>
        tf.where(
          tf.greaterEqual(-1, x),
          like(x, 0),
          tf.where(tf.greater(1, x), tf.div(tf.square(tf.add(x, 1)), 4), x),
        );
    case 'absolute':
      return tf.abs;
    case 'square':
      return tf.square;
    case 'squareRoot':
      return tf.sqrt;
    case 'reciprocal':
      return tf.reciprocal;
    case 'log':
      return tf.log;
    case 'log1p':
      return tf.log1p;
    case 'expm1':
      return tf.expm1;
    case 'sine':
      return tf.sin;
    case 'cosine':
      return tf.cos;
    case 'sign':
      return tf.sign;
    case 'erf':
      return tf.erf;
    case 'power': {
      const { exponent } = activation;
      return (x) => tf.pow(x, exponent);
    }
    case 'clip': {
      const { least, most } = activation;
      return (x) => clip(x, least, most);
    }
    case 'affine': {
      const { slope, offset } = activation;
      return (x) => tf.add(tf.mul(x, slope), offset);
    }
    case 'scaledTanh': {
      const { scale, slope } = activation;
      return (x) => tf.mul(tf.tanh(tf.mul(x, slope)), scale);
    }
    case 'squareplus': {
      const { b } = activation;
      return (x) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), b))), 2);
    }
    case 'hardShrink': {
      const { threshold } = activation;
      return (x) => tf.where(tf.greaterEqual(threshold, tf.abs(x)), like(x, 0), x);
    }
    case 'softShrink': {
      const { threshold } = activation;
      return (x) =>
        tf.where(
          isAbove(x, threshold),
          tf.sub(x, threshold),
          tf.where(tf.greater(-threshold, x), tf.add(x, threshold), tf.mul(x, 0)),
        );
    }
    case 'celu': {
      const { alpha } = activation;
      return (x) => elu(x, alpha, alpha);
    }
    case 'elu': {
      const { alpha } = activation;
      return (x) => elu(x, alpha, 1);
    }
    case 'relu': {
      const { negativeSlope, threshold, maxValue } = activation;
      return (x) => {
        const below = tf.mul(tf.sub(x, threshold), negativeSlope);
        const y = tf.where(tf.greaterEqual(x, threshold), x, below);
        return tf.where(tf.greaterEqual(x, maxValue), like(x, maxValue), y);
      };
    }
    case 'hardSigmoid': {
      const { slope, offset } = activation;
      return (x) => clip(tf.add(tf.mul(x, slope), offset), 0, 1);
    }
  }
}

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** By Keras' formula, see `Activation`. */
function sparsemax(tf: TensorFlow, x: TfTensor): TfTensor {
  const size = x.shape.at(-1) ?? 0;
  const falling = tf.topk(x, size, true).values;
  // For an axis that is counted from the end, cumsum gives a shape with a hole.
  const cumulative = tf.cumsum(falling, x.shape.length - 1);
  const ranks = tf.tensor(
    Float32Array.from({ length: size }, (_, n) => n + 1),
    [1, size],
  );
  const isSupported = tf.greater(falling, tf.div(tf.sub(cumulative, 1), ranks));
  const none = tf.fill(x.shape, 0);
  const count = tf.sum(tf.where(isSupported, tf.fill(x.shape, 1), none), -1, true);
  const sum = tf.sum(tf.where(isSupported, cumulative, none), -1, true);
  return tf.maximum(tf.sub(x, tf.div(tf.sub(sum, 1), count)), 0);
}
