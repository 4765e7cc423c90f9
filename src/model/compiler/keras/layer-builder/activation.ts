import { LayerOptions } from './layer-options.js';
import { shortText } from './short-text.js';
import type { LstmdError } from '../../../../base/errors.js';
import { isObject } from '../../../../base/json.js';
import type { Activation } from '../../../plan/stream-plan.js';

const linear: Activation = { kind: 'linear' };

/** Activations whose names mean the same in every version of Keras that has them. */
const namedActivations: ReadonlyMap<string, Activation> = new Map(
  Object.entries<Activation>({
    linear,
    sigmoid: { kind: 'sigmoid' },
    tanh: { kind: 'tanh' },
    softmax: { kind: 'softmax' },
    log_softmax: { kind: 'logSoftmax' },
    sparsemax: { kind: 'sparsemax' },
    relu: relu(0, 0, Infinity),
    relu6: relu(0, 0, 6),
    leaky_relu: relu(0.2, 0, Infinity),
    elu: { kind: 'elu', alpha: 1 },
    celu: { kind: 'celu', alpha: 1 },
    selu: { kind: 'selu' },
    softplus: { kind: 'softplus' },
    softsign: { kind: 'softsign' },
    exponential: { kind: 'exponential' },
    silu: { kind: 'silu' },
    swish: { kind: 'silu' },
    hard_silu: { kind: 'hardSilu' },
    hard_swish: { kind: 'hardSilu' },
    gelu: { kind: 'gelu', approximate: false },
    mish: { kind: 'mish' },
    log_sigmoid: { kind: 'logSigmoid' },
    sparse_sigmoid: { kind: 'hardSigmoid', slope: 0.5, offset: 0.5 },
    tanh_shrink: { kind: 'tanhShrink' },
    hard_tanh: { kind: 'hardTanh' },
    hard_shrink: { kind: 'hardShrink', threshold: 0.5 },
    soft_shrink: { kind: 'softShrink', threshold: 0.5 },
    sparse_plus: { kind: 'sparsePlus' },
    squareplus: { kind: 'squareplus', b: 4 },
  }),
);

/** A relu with its parameters rounded to float32, in which Keras computes. */
export function relu(negativeSlope: number, threshold: number, maxValue: number): Activation {
  return {
    kind: 'relu',
    negativeSlope: Math.fround(negativeSlope),
    threshold: Math.fround(threshold),
    maxValue: Math.fround(maxValue),
  };
}

/**
 * Reads an activation from an option of a layer: a name, or a layer `{ class_name, config }`.
 *
 * @param fallback name of the activation where the option is absent or null
 *
 * @throws LstmdError `model.refused` for one that is not known
 */
export function activationOf(
  options: LayerOptions,
  key: string,
  fallback: string,
  kerasMajor: number,
): Activation {
  const value = options.raw(key) ?? fallback;
  const unknown = (what: string): LstmdError =>
    options.refused(`${key}=${what} is not an activation that this program computes`);
  if (typeof value === 'string') {
    const activation = activationNamed(value, kerasMajor);
    if (activation === undefined) {
      throw unknown(shortText(value));
    }
    return activation;
  }
  if (!isObject(value)) {
    throw unknown(shortText(value));
  }
  const { class_name: className, config } = value;
  if (className === 'function' && typeof config === 'string') {
    throw unknown(shortText(config));
  }
  const make = typeof className === 'string' ? activationLayers.get(className) : undefined;
  if (make === undefined || !isObject(config)) {
    throw unknown(shortText(className));
  }
  const inner = new LayerOptions(`${options.label}, ${key} ${String(className)}`, config);
  const activation = make(inner);
  inner.finish();
  return activation;
}

/** @returns undefined for an unknown name. `hard_sigmoid` depends on the version of Keras that wrote the file. */
export function activationNamed(name: string, kerasMajor: number): Activation | undefined {
  if (name === 'hard_sigmoid') {
    return kerasMajor >= 3
      ? { kind: 'hardSigmoid', slope: Math.fround(1 / 6), offset: 0.5 }
      : { kind: 'hardSigmoid', slope: Math.fround(0.2), offset: 0.5 };
  }
  return namedActivations.get(name);
}

/** Activations that are layers of their own, and may stand in an `activation` option too. */
export const activationLayers: ReadonlyMap<string, (options: LayerOptions) => Activation> = new Map(
  Object.entries<(options: LayerOptions) => Activation>({
    /** `alpha` until Keras 2, `negative_slope` since Keras 3; 0.3 in both. */
    LeakyReLU: (options) =>
      relu(options.number('negative_slope', options.number('alpha', 0.3)), 0, Infinity),
    ReLU: (options) =>
      relu(
        options.number('negative_slope', 0),
        options.number('threshold', 0),
        options.number('max_value', Infinity),
      ),
    /** x above theta, else 0: from the next float32 after theta on. */
    ThresholdedReLU: (options) => relu(0, floatAfter(options.number('theta', 1)), Infinity),
    ELU: (options) => ({ kind: 'elu', alpha: Math.fround(options.number('alpha', 1)) }),
  }),
);

/** The least float32 above a number that is not negative. */
function floatAfter(value: number): number {
  const float = Float32Array.of(value);
  const bits = new Uint32Array(float.buffer);
  bits[0] = (bits[0] ?? 0) + 1;
  return float[0] ?? value;
}
