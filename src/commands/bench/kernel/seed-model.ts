import type { StreamPlan } from '../../../model/plan/stream-plan.js';
import type { Activation } from '../../../model/plan/activation.js';
import type { DenseOp, LstmOp, StepOp } from '../../../model/plan/step-op.js';

export const features = 3;
/** The slope below zero of the seed model's LeakyReLU. */
export const negativeSlope = 0.3;

/** The model that docs/performance.md measures, with random weights. */
export interface SeedModel {
  readonly plan: StreamPlan;
  readonly first: LstmOp;
  readonly second: LstmOp;
  readonly head: DenseOp;
}

/** Numbers from -scale to scale; a seed gives the same numbers each time. */
export function randomFloats(count: number, scale: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

/**
 * LSTM 32, LeakyReLU, LSTM 16, LeakyReLU, Dense 1 with sigmoid, on 3 features.
 *
 * @param window steps of a window; null takes any number
 */
export function seedModel(window: number | null): SeedModel {
  const first = lstm('lstm', 0, features, 32, 0);
  const second = lstm('lstm_1', 2, 32, 16, 64);
  const head: DenseOp = {
    kind: 'dense',
    layer: 'dense',
    input: 4,
    output: 5,
    kernel: randomFloats(16, 1 / 4, 5),
    bias: randomFloats(1, 1, 6),
    activation: { kind: 'sigmoid' },
  };
  const ops = [first, leakyRelu('leaky', 1), second, leakyRelu('leaky_1', 3), head];
  return {
    plan: planOf('seed', ops, [features, 32, 32, 16, 16, 1], 96, window),
    first,
    second,
    head,
  };
}

/** One LSTM layer on 3 features, with random weights. */
export function layerPlan(units: number): StreamPlan {
  const op = lstm('lstm', 0, features, units, 0);
  return planOf(`lstm ${units}`, [op], [features, units], 2 * units, null);
}

/** The scale of the weights makes the layer contractive: a difference in the state dies out. */
function lstm(
  layer: string,
  input: number,
  inputs: number,
  units: number,
  hOffset: number,
): LstmOp {
  const scale = 1 / Math.sqrt(inputs + units);
  return {
    kind: 'lstm',
    layer,
    input,
    output: input + 1,
    units,
    mask: null,
    hOffset,
    cOffset: hOffset + units,
    kernel: randomFloats(inputs * 4 * units, scale, 1 + input),
    recurrentKernel: randomFloats(units * 4 * units, scale, 101 + input),
    bias: randomFloats(4 * units, 1, 201 + input),
    activation: { kind: 'tanh' },
    recurrentActivation: { kind: 'sigmoid' },
  };
}

function leakyRelu(layer: string, input: number): StepOp {
  const activation: Activation = { kind: 'relu', negativeSlope, threshold: 0, maxValue: Infinity };
  return { kind: 'activation', layer, input, output: input + 1, activation };
}

/** A plan whose output is its last value. */
function planOf(
  name: string,
  ops: readonly StepOp[],
  valueSizes: readonly number[],
  laneStateSize: number,
  window: number | null,
): StreamPlan {
  const value = valueSizes.length - 1;
  const size = valueSizes[value] ?? 0;
  const exact = { exact: true } as const;
  return {
    name,
    origin: 'lstmd bench, random weights',
    sha256: '0'.repeat(64),
    features,
    window,
    layers: [],
    ops,
    valueSizes,
    outputs: [{ name: 'output', value, size, heldOffset: null, holdsOffset: null }],
    state: [],
    laneStateSize,
    windowPlan: null,
    modes: { continuous: exact, sequence: exact, sliding: exact },
  };
}
