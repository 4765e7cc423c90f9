import type { Activation } from '#src/model/plan/stream-plan.js';
import type { Draw } from './draw.js';

/** A gate below 1, so that no state grows; the softmax of one unit would be 1. */
export function randomGate(draw: Draw, units: number): Activation {
  return draw.one<Activation>([
    { kind: 'sigmoid' },
    { kind: units === 1 ? 'sigmoid' : 'softmax' },
    { kind: 'hardSigmoid', slope: 0.2, offset: 0.5 },
    { kind: 'hardSigmoid', slope: 1 / 6, offset: 0.5 },
  ]);
}

/** A continuous function of slope about 1 at most, so that a difference in the last bit stays small. */
export function randomActivation(draw: Draw): Activation {
  return draw.one<Activation>([
    { kind: 'linear' },
    { kind: 'sigmoid' },
    { kind: 'tanh' },
    { kind: 'softmax' },
    { kind: 'logSoftmax' },
    { kind: 'softplus' },
    { kind: 'softsign' },
    { kind: 'selu' },
    { kind: 'silu' },
    { kind: 'mish' },
    { kind: 'logSigmoid' },
    { kind: 'tanhShrink' },
    { kind: 'hardTanh' },
    { kind: 'hardSilu' },
    { kind: 'gelu', approximate: draw.chance(0.5) },
    { kind: 'elu', alpha: 0.7 },
    { kind: 'celu', alpha: 0.6 },
    { kind: 'softShrink', threshold: 0.2 },
    { kind: 'sparsePlus' },
    { kind: 'squareplus', b: 1.5 },
    { kind: 'affine', slope: 0.8, offset: 0.1 },
    { kind: 'scaledTanh', scale: 1.1, slope: 0.8 },
    { kind: 'erf' },
    { kind: 'relu', negativeSlope: draw.one([0, 0.3]), threshold: 0, maxValue: Infinity },
    { kind: 'relu', negativeSlope: 0, threshold: 0, maxValue: 1 },
    { kind: 'hardSigmoid', slope: 0.2, offset: 0.5 },
  ]);
}

/** A function with a jump, only for values that are the same bits in all engines. */
export function randomJump(draw: Draw): Activation {
  return draw.one<Activation>([
    { kind: 'hardShrink', threshold: 0.3 },
    { kind: 'sparsemax' },
    { kind: 'relu', negativeSlope: 0.2, threshold: 0.25, maxValue: 0.75 },
  ]);
}
