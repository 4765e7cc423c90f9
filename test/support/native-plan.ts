import type { Activation, Mode, StepOp, StreamPlan } from '#src/model/plan/stream-plan.js';
import type { DenseOp } from '#src/model/plan/step-op.js';
import { stateHeaderSize } from '#src/engine/program/program.js';
import type { StepProgram } from '#src/engine/program/program.js';

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
  { kind: 'threshold', threshold: 0.5, value: -2 },
];

/** Numbers from -scale to scale, the same for the same seed. */
export function randomFloats(count: number, scale: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

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
    lstm('first', 0, 1, 3, units[0], 0),
    { kind: 'activation', layer: 'leaky', input: 1, output: 2, activation: leakyRelu },
    lstm('second', 2, 3, units[0], units[1], 2 * units[0]),
    { kind: 'activation', layer: 'leaky_2', input: 3, output: 4, activation: leakyRelu },
    head,
  ];
  const laneStateSize = 2 * (units[0] + units[1]) + (mode === 'continuous' ? 0 : 3);
  const plan = planOf(ops, [3, units[0], units[0], units[1], units[1], 2], laneStateSize, window);
  const lanes = mode === 'sliding' ? Math.ceil(window / stride) : 1;
  return {
    plan,
    weights: 'f32',
    mode,
    window,
    stride,
    lanes,
    wholeWindow: false,
    warmupSamples: window,
    stateSize: stateHeaderSize + lanes * laneStateSize,
    outputSize: 2,
  };
}

/** A plan with the last value as its output. */
export function planOf(
  ops: readonly StepOp[],
  valueSizes: readonly number[],
  laneStateSize: number,
  window = 1,
): StreamPlan {
  const value = valueSizes.length - 1;
  return {
    name: 'synthetic',
    origin: 'the tests',
    sha256: '0'.repeat(64),
    features: valueSizes[0] ?? 0,
    window,
    layers: [],
    ops,
    valueSizes,
    outputs: [
      { name: 'output', value, size: valueSizes[value] ?? 0, heldOffset: null, holdsOffset: null },
    ],
    state: [],
    laneStateSize,
    windowPlan: null,
    modes: { continuous: { exact: true }, sequence: { exact: true }, sliding: { exact: true } },
  };
}

/** A program of one dense layer, for tests that do not depend on the model. */
export function denseProgram(activation: Activation = { kind: 'sigmoid' }): StepProgram {
  const plan = planOf([{ ...dense('only', 0, 1, 3, 2), activation }], [3, 2], 0);
  return {
    plan,
    weights: 'f32',
    mode: 'continuous',
    window: 1,
    stride: 1,
    lanes: 1,
    wholeWindow: false,
    warmupSamples: 1,
    stateSize: stateHeaderSize,
    outputSize: 2,
  };
}

function lstm(
  layer: string,
  input: number,
  output: number,
  inputs: number,
  units: number,
  hOffset: number,
): StepOp {
  const scale = 1 / Math.sqrt(inputs + units);
  return {
    kind: 'lstm',
    layer,
    input,
    output,
    units,
    mask: null,
    hOffset,
    cOffset: hOffset + units,
    kernel: randomFloats(inputs * 4 * units, scale, 1 + output),
    recurrentKernel: randomFloats(units * 4 * units, scale, 101 + output),
    bias: randomFloats(4 * units, 1, 201 + output),
    activation: { kind: 'tanh' },
    recurrentActivation: { kind: 'sigmoid' },
  };
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
