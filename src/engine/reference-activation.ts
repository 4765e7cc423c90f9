import type { Activation } from '../model/plan.js';

/** Applies an activation in place to the first `size` values. */
export type ApplyActivation = (values: Float64Array, size: number) => void;

/** An activation in float64, as Keras defines it. */
export function referenceActivation(activation: Activation): ApplyActivation {
  if (activation.kind === 'softmax') return softmax;
  const scalar = scalarActivation(activation);
  return (values, size) => {
    for (let i = 0; i < size; i++) values[i] = scalar(values[i] ?? 0);
  };
}

/** @throws RangeError for softmax, which is no function of one value */
export function scalarActivation(activation: Activation): (x: number) => number {
  switch (activation.kind) {
    case 'linear':
      return (x) => x;
    case 'sigmoid':
      return sigmoid;
    case 'tanh':
      return Math.tanh;
    case 'softplus':
      return (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case 'softsign':
      return (x) => x / (1 + Math.abs(x));
    case 'exponential':
      return Math.exp;
    case 'selu':
      return (x) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x));
    case 'silu':
      return (x) => x * sigmoid(x);
    case 'gelu':
      return activation.approximate ? geluTanh : (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));
    case 'elu': {
      const { alpha } = activation;
      return (x) => (x > 0 ? x : alpha * Math.expm1(x));
    }
    case 'relu': {
      const { negativeSlope, threshold, maxValue } = activation;
      return (x) =>
        x >= maxValue ? maxValue : x >= threshold ? x : negativeSlope * (x - threshold);
    }
    case 'hardSigmoid': {
      const { slope, offset } = activation;
      return (x) => Math.min(1, Math.max(0, slope * x + offset));
    }
    case 'softmax':
      throw new RangeError('softmax is not elementwise');
  }
}

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** Less the maximum, so that no exponential overflows. */
function softmax(values: Float64Array, size: number): void {
  let most = -Infinity;
  for (let i = 0; i < size; i++) most = Math.max(most, values[i] ?? 0);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const value = Math.exp((values[i] ?? 0) - most);
    values[i] = value;
    sum += value;
  }
  for (let i = 0; i < size; i++) values[i] = (values[i] ?? 0) / sum;
}

/** Abramowitz and Stegun 7.1.6 near zero, the continued fraction 7.1.14 beyond. */
function erf(x: number): number {
  if (Math.abs(x) < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  const magnitude = Math.abs(x);
  let fraction = magnitude;
  for (let n = 60; n > 0; n--) fraction = magnitude + n / 2 / fraction;
  const complement = Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
  return Math.sign(x) * (1 - complement);
}
