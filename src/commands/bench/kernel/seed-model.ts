import type { StreamPlan } from '../../../model/plan/stream-plan.js';
import type { Activation } from '../../../model/plan/activation.js';
import type { DenseOp, LstmOp, StepOp } from '../../../model/plan/step-op.js';
import { planOf, randomFloats, randomLstm } from './random-plan.js';

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

/**
 * LSTM 32, LeakyReLU, LSTM 16, LeakyReLU, Dense 1 with sigmoid, on 3 features.
 *
 * @param window steps of a window; null takes any number
 */
export function seedModel(window: number | null): SeedModel {
  const first = randomLstm('lstm', 0, features, 32, 0);
  const second = randomLstm('lstm_1', 2, 32, 16, 64);
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
  const op = randomLstm('lstm', 0, features, units, 0);
  return planOf(`lstm ${units}`, [op], [features, units], 2 * units, null);
}

function leakyRelu(layer: string, input: number): StepOp {
  const activation: Activation = { kind: 'relu', negativeSlope, threshold: 0, maxValue: Infinity };
  return { kind: 'activation', layer, input, output: input + 1, activation };
}
