import type { LstmOp, StepOp } from '../../../model/plan/step-op.js';
import type { StreamPlan } from '../../../model/plan/stream-plan.js';

/** Numbers from -scale to scale; a seed gives the same numbers each time. */
export function randomFloats(count: number, scale: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

/**
 * An LSTM with random weights that writes the value after its input. The scale of the weights makes
 * it contractive: a difference in the state dies out.
 */
export function randomLstm(
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

/**
 * A plan that no file holds, whose output is its last value.
 *
 * @param valueSizes floats of each value; the first is the sample
 * @param window steps of a window; null takes any number
 */
export function planOf(
  name: string,
  ops: readonly StepOp[],
  valueSizes: readonly number[],
  laneStateSize: number,
  window: number | null,
): StreamPlan {
  const value = valueSizes.length - 1;
  const exact = { exact: true } as const;
  return {
    name,
    origin: 'random weights',
    sha256: '0'.repeat(64),
    features: valueSizes[0] ?? 0,
    window,
    layers: [],
    ops,
    valueSizes,
    outputs: [
      {
        name: 'output',
        value,
        size: valueSizes[value] ?? 0,
        shape: [valueSizes[value] ?? 0],
        heldOffset: null,
        holdsOffset: null,
      },
    ],
    state: [],
    laneStateSize,
    windowPlan: null,
    inputs: [],
    indexFeatures: [],
    losses: [],
    isStateful: false,
    constants: {},
    halfPrecision: null,
    modes: { continuous: exact, sequence: exact, sliding: exact },
  };
}
