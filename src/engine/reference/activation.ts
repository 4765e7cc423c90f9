import type { Activation } from '../../model/plan/activation.js';
import { logSoftmax, softmax, sparsemax, type ApplyActivation } from './softmax.js';

/** An activation in float64, as Keras defines it. NaN stays NaN, for which the engine resets the state. */
export function referenceActivation(activation: Activation): ApplyActivation {
  switch (activation.kind) {
    case 'linear':
      return () => undefined;
    case 'softmax':
      return softmax;
    case 'logSoftmax':
      return logSoftmax;
    case 'sparsemax':
      return sparsemax();
    case 'sigmoid':
      return each(sigmoid);
    case 'tanh':
      return each(Math.tanh);
    case 'softplus':
      return each(softplus);
    case 'softsign':
      return each((x) => x / (1 + Math.abs(x)));
    case 'exponential':
      return each(Math.exp);
    case 'selu':
      return each((x) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x)));
    case 'silu':
      return each((x) => x * sigmoid(x));
    case 'gelu':
      return each(activation.approximate ? geluTanh : geluErf);
    case 'mish':
      return each((x) => x * Math.tanh(softplus(x)));
    case 'logSigmoid':
      return each((x) => -softplus(-x));
    case 'tanhShrink':
      return each((x) => x - Math.tanh(x));
    case 'hardTanh':
      return each((x) => clip(x, -1, 1));
    case 'hardSilu':
      return each((x) => x * clip(x / 6 + 0.5, 0, 1));
    case 'sparsePlus':
      return each((x) => (x <= -1 ? 0 : x < 1 ? (x + 1) ** 2 / 4 : x));
    case 'absolute':
      return each(Math.abs);
    case 'square':
      return each((x) => x * x);
    case 'squareRoot':
      return each(Math.sqrt);
    case 'reciprocal':
      return each((x) => 1 / x);
    case 'log':
      return each(Math.log);
    case 'log1p':
      return each(Math.log1p);
    case 'expm1':
      return each(Math.expm1);
    case 'sine':
      return each(Math.sin);
    case 'cosine':
      return each(Math.cos);
    case 'sign':
      return each(Math.sign);
    case 'erf':
      return each(erf);
    case 'power': {
      const { exponent } = activation;
      return each((x) => x ** exponent);
    }
    case 'clip': {
      const { least, most } = activation;
      return each((x) => clip(x, least, most));
    }
    case 'affine': {
      const { slope, offset } = activation;
      return each((x) => slope * x + offset);
    }
    case 'scaledTanh': {
      const { scale, slope } = activation;
      return each((x) => scale * Math.tanh(slope * x));
    }
    case 'squareplus': {
      const { b } = activation;
      return each((x) => (x + Math.sqrt(x * x + b)) / 2);
    }
    case 'hardShrink': {
      const { threshold } = activation;
      return each((x) => (Math.abs(x) <= threshold ? 0 : x));
    }
    case 'softShrink': {
      const { threshold } = activation;
      return each((x) => (Math.abs(x) <= threshold ? 0 : x - Math.sign(x) * threshold));
    }
    case 'celu': {
      const { alpha } = activation;
      return each((x) => (x > 0 ? x : alpha * Math.expm1(x / alpha)));
    }
    case 'elu': {
      const { alpha } = activation;
      return each((x) => (x > 0 ? x : alpha * Math.expm1(x)));
    }
    case 'relu': {
      const { negativeSlope, threshold, maxValue } = activation;
      return each((x) =>
        x >= maxValue ? maxValue : x >= threshold ? x : negativeSlope * (x - threshold),
      );
    }
    case 'hardSigmoid': {
      const { slope, offset } = activation;
      return each((x) => clip(slope * x + offset, 0, 1));
    }
  }
}

function each(activate: (x: number) => number): ApplyActivation {
  return (values, from, size) => {
    for (let i = from; i < from + size; i += 1) {
      values[i] = activate(values[i]);
    }
  };
}

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function clip(x: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, x));
}

function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function geluErf(x: number): number {
  return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
}

/** The series 7.1.6 of Abramowitz and Stegun near zero, their continued fraction 7.1.14 beyond. */
function erf(x: number): number {
  if (Math.abs(x) < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  const magnitude = Math.abs(x);
  let fraction = magnitude;
  for (let n = 60; n > 0; n -= 1) {
    fraction = magnitude + n / 2 / fraction;
  }
  const complement = Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
  return Math.sign(x) * (1 - complement);
}
