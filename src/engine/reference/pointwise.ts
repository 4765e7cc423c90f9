import type {
  ActivationOp,
  AffineOp,
  LayerNormOp,
  MaskOp,
  MergeOp,
  PreluOp,
} from '../../model/plan/step-op.js';
import { referenceActivation } from './activation.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';

export function activationWork(op: ActivationOp, x: Float64Array, y: Float64Array): StepWork {
  const activate = referenceActivation(op.activation);
  return () => {
    y.set(x);
    activate(y, 0, y.length);
    return true;
  };
}

export function affineWork(op: AffineOp, x: Float64Array, y: Float64Array): StepWork {
  const { scale, shift } = op;
  return () => {
    for (let i = 0; i < y.length; i += 1) {
      y[i] = x[i] * scale[i] + shift[i];
    }
    return true;
  };
}

export function preluWork(op: PreluOp, x: Float64Array, y: Float64Array): StepWork {
  const { alpha, steps, positionOffset } = op;
  return (state, lane) => {
    const position =
      positionOffset === null ? 0 : readCounter(state, lane + positionOffset, steps - 1);
    const from = position * y.length;
    for (let i = 0; i < y.length; i += 1) {
      const value = x[i];
      y[i] = value > 0 ? value : alpha[from + i] * value;
    }
    if (positionOffset !== null) {
      state[lane + positionOffset] = (position + 1) % steps;
    }
    return true;
  };
}

export function layerNormWork(op: LayerNormOp, x: Float64Array, y: Float64Array): StepWork {
  const { gamma, beta, epsilon } = op;
  return () => {
    let mean = 0;
    for (let i = 0; i < x.length; i += 1) {
      mean += x[i];
    }
    mean /= x.length;
    let variance = 0;
    for (let i = 0; i < x.length; i += 1) {
      variance += (x[i] - mean) ** 2;
    }
    variance /= x.length;
    const deviation = Math.sqrt(variance + epsilon);
    for (let i = 0; i < y.length; i += 1) {
      y[i] = ((x[i] - mean) / deviation) * (gamma?.[i] ?? 1) + (beta?.[i] ?? 0);
    }
    return true;
  };
}

/** Compares in float32, as Keras does: an input of 0.1 equals a mask value of 0.1. */
export function maskWork(
  op: MaskOp,
  x: Float64Array,
  y: Float64Array,
  mask: Float64Array,
): StepWork {
  const masked = Math.fround(op.maskValue);
  return () => {
    let kept = 0;
    for (let i = 0; i < x.length; i += 1) {
      if (Math.fround(x[i]) !== masked) {
        kept = 1;
      }
    }
    for (let i = 0; i < y.length; i += 1) {
      y[i] = x[i] * kept;
    }
    mask[0] = kept;
    return true;
  };
}

export function mergeWork(op: MergeOp, inputs: readonly Float64Array[], y: Float64Array): StepWork {
  const combine = combinations[op.operation];
  const share = op.operation === 'average' ? 1 / inputs.length : 1;
  return () => {
    for (let i = 0; i < y.length; i += 1) {
      let value = inputs[0][i];
      for (let k = 1; k < inputs.length; k += 1) {
        value = combine(value, inputs[k][i]);
      }
      y[i] = value * share;
    }
    return true;
  };
}

const combinations: Readonly<Record<MergeOp['operation'], (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  average: (a, b) => a + b,
  maximum: Math.max,
  minimum: Math.min,
  divide: (a, b) => a / b,
};

export function concatenateWork(inputs: readonly Float64Array[], y: Float64Array): StepWork {
  return () => {
    let at = 0;
    for (const input of inputs) {
      y.set(input, at);
      at += input.length;
    }
    return true;
  };
}
