import type { Activation, Mode, StepOp, StreamPlan } from '#src/model/plan/stream-plan.js';
import type { DenseOp } from '#src/model/plan/step-op.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import {
  planOf as namedPlanOf,
  randomFloats,
  randomLstm,
} from '#src/commands/bench/kernel/random-plan.js';

export const leakyRelu: Activation = {
  kind: 'relu',
  negativeSlope: 0.3,
  threshold: 0,
  maxValue: Infinity,
};

/** One activation of every code, in the order of the codes. */
export const activations: readonly Activation[] = [
  { kind: 'linear' },
  { kind: 'sigmoid' },
  { kind: 'tanh' },
  { kind: 'softmax' },
  { kind: 'softplus' },
  { kind: 'softsign' },
  { kind: 'exponential' },
  { kind: 'selu' },
  { kind: 'silu' },
  { kind: 'gelu', approximate: false },
  { kind: 'gelu', approximate: true },
  { kind: 'elu', alpha: 0.5 },
  leakyRelu,
  { kind: 'hardSigmoid', slope: 0.2, offset: 0.5 },
  { kind: 'logSoftmax' },
  { kind: 'sparsemax' },
  { kind: 'mish' },
  { kind: 'logSigmoid' },
  { kind: 'tanhShrink' },
  { kind: 'hardTanh' },
  { kind: 'hardSilu' },
  { kind: 'celu', alpha: 0.7 },
  { kind: 'hardShrink', threshold: 0.5 },
  { kind: 'softShrink', threshold: 0.5 },
  { kind: 'sparsePlus' },
  { kind: 'squareplus', b: 4 },
  { kind: 'absolute' },
  { kind: 'square' },
  { kind: 'squareRoot' },
  { kind: 'reciprocal' },
  { kind: 'log' },
  { kind: 'log1p' },
  { kind: 'expm1' },
  { kind: 'sine' },
  { kind: 'cosine' },
  { kind: 'sign' },
  { kind: 'power', exponent: 0.7 },
  { kind: 'clip', least: -0.5, most: 2 },
  { kind: 'affine', slope: 0.5, offset: 0.1 },
  { kind: 'scaledTanh', scale: 0.9, slope: 0.7 },
  { kind: 'erf' },
];

/** The seed architecture, small, with an untrained but contractive set of weights. */
export function programFor(
  mode: Mode,
  { window = 1, stride = 1 }: { readonly window?: number; readonly stride?: number } = {},
): StepProgram {
  const units = [11, 5] as const;
  const head =
    mode === 'continuous'
      ? dense('head', 4, 5, units[1], 2)
      : timeDense('head', 4, 5, units[1], 2, window, 2 * (units[0] + units[1]));
  const ops: StepOp[] = [
    randomLstm('first', 0, 3, units[0], 0),
    { kind: 'activation', layer: 'leaky', input: 1, output: 2, activation: leakyRelu },
    randomLstm('second', 2, units[0], units[1], 2 * units[0]),
    { kind: 'activation', layer: 'leaky_2', input: 3, output: 4, activation: leakyRelu },
    head,
  ];
  const laneStateSize = 2 * (units[0] + units[1]) + (mode === 'continuous' ? 0 : 3);
  const plan = planOf(ops, [3, units[0], units[0], units[1], units[1], 2], laneStateSize, window);
  return programOf(plan, mode === 'sliding' ? { mode, stride } : { mode });
}

/** A plan with the last value as its output. */
export function planOf(
  ops: readonly StepOp[],
  valueSizes: readonly number[],
  laneStateSize: number,
  window = 1,
): StreamPlan {
  return namedPlanOf('synthetic', ops, valueSizes, laneStateSize, window);
}

/** A program of one dense layer, for tests that do not depend on the model. */
export function denseProgram(activation: Activation = { kind: 'sigmoid' }): StepProgram {
  const op = { ...dense('only', 0, 1, 3, 2), activation };
  return programOf(planOf([op], [3, 2], 0), { mode: 'continuous' });
}

export function dense(
  layer: string,
  input: number,
  output: number,
  inputs: number,
  units: number,
): DenseOp {
  return {
    kind: 'dense',
    layer,
    input,
    output,
    kernel: randomFloats(inputs * units, 1, 301),
    bias: randomFloats(units, 1, 401),
    activation: { kind: 'sigmoid' },
  };
}

function timeDense(
  layer: string,
  input: number,
  output: number,
  inputs: number,
  units: number,
  window: number,
  accOffset: number,
): StepOp {
  return {
    kind: 'timeDense',
    layer,
    input,
    output,
    accOffset,
    positionOffset: accOffset + units,
    kernel: randomFloats(window * inputs * units, 1, 501),
    bias: null,
    activation: { kind: 'sigmoid' },
  };
}
