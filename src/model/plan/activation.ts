/**
 * A function of each number of a value or, for `softmax`, `logSoftmax` and `sparsemax`, of the whole
 * value. An activation carries every parameter in which generations of Keras differ, so that no
 * engine asks who wrote the file. Definitions: keras/src/activations/activations.py.
 */
export type Activation =
  /** `x`; `1 / (1 + e^-x)`; `tanh(x)`. */
  | { readonly kind: 'linear' | 'sigmoid' | 'tanh' }
  /** `e^x / sum(e^x)`, and its logarithm. */
  | { readonly kind: 'softmax' | 'logSoftmax' }
  /**
   * `max(x - tau, 0)` as Keras computes it, which is not the paper's: of x in falling order with
   * cumulative sums s, those are supported where `x_r - (s_r - 1) / r > 0` (r from 1); with k of them
   * `tau = (sum of their s - 1) / k`.
   */
  | { readonly kind: 'sparsemax' }
  /** `log(1 + e^x)`; `x / (1 + |x|)`; `e^x`. */
  | { readonly kind: 'softplus' | 'softsign' | 'exponential' }
  /** `x sigmoid(x)`; `x tanh(softplus(x))`. */
  | { readonly kind: 'silu' | 'mish' }
  /** `1.0507009873554805 elu(x)` with alpha 1.6732632423543772. */
  | { readonly kind: 'selu' }
  /** `log(sigmoid(x))`; `x - tanh(x)`; `clip(x, -1, 1)`. */
  | { readonly kind: 'logSigmoid' | 'tanhShrink' | 'hardTanh' }
  /** `x clip(x / 6 + 1 / 2, 0, 1)`. */
  | { readonly kind: 'hardSilu' }
  /** `x / 2 (1 + erf(x / sqrt(2)))`; approximate with a tanh in place of erf. */
  | { readonly kind: 'gelu'; readonly approximate: boolean }
  /** `x > 0 ? x : alpha (e^x - 1)`; celu with `e^(x / alpha)`. */
  | { readonly kind: 'elu' | 'celu'; readonly alpha: number }
  /** 0 where `|x| <= threshold`; soft moves every other x towards 0 by the threshold. */
  | { readonly kind: 'hardShrink' | 'softShrink'; readonly threshold: number }
  /** 0 up to -1, x from 1, and `(x + 1)^2 / 4` between. */
  | { readonly kind: 'sparsePlus' }
  /** `|x|`; `x^2`; `sqrt(x)`, NaN below 0; `1 / x`. */
  | { readonly kind: 'absolute' | 'square' | 'squareRoot' | 'reciprocal' }
  /** `ln(x)`; `ln(1 + x)`; `e^x - 1`; `sin(x)`; `cos(x)`; -1, 0 or 1. */
  | { readonly kind: 'log' | 'log1p' | 'expm1' | 'sine' | 'cosine' | 'sign' }
  /** The error function of x. */
  | { readonly kind: 'erf' }
  /** `x^exponent`. */
  | { readonly kind: 'power'; readonly exponent: number }
  /** `slope x + offset`; `scale tanh(slope x)`. */
  | { readonly kind: 'affine'; readonly slope: number; readonly offset: number }
  | { readonly kind: 'scaledTanh'; readonly scale: number; readonly slope: number }
  /** `min(max(x, least), most)`. */
  | { readonly kind: 'clip'; readonly least: number; readonly most: number }
  /** `(x + sqrt(x^2 + b)) / 2`. */
  | { readonly kind: 'squareplus'; readonly b: number }
  /** `x >= maxValue ? maxValue : x >= threshold ? x : negativeSlope * (x - threshold)`. */
  | {
      readonly kind: 'relu';
      readonly negativeSlope: number;
      readonly threshold: number;
      readonly maxValue: number;
    }
  /** `clip(slope * x + offset, 0, 1)`: 0.2 and 0.5 in Keras 2, 1/6 and 0.5 in Keras 3. */
  | { readonly kind: 'hardSigmoid'; readonly slope: number; readonly offset: number };
