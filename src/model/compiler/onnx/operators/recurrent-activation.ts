import type { Activation } from '../../../plan/stream-plan.js';
import type { NodeContext } from '../node-context.js';

/** The parameters of a function that the standard gives; `activation_alpha` and `_beta` replace them. */
interface Definition {
  readonly alpha?: number;
  readonly beta?: number;
  readonly make: (alpha: number, beta: number) => Activation | undefined;
}

function relu(negativeSlope: number, threshold: number): Activation {
  return { kind: 'relu', negativeSlope, threshold, maxValue: Infinity };
}

/** Functions of gates and states, by name in lower case (onnx/docs/Operators.md, LSTM, `activations`). */
const definitions: ReadonlyMap<string, Definition> = new Map<string, Definition>([
  ['sigmoid', { make: () => ({ kind: 'sigmoid' }) }],
  ['tanh', { make: () => ({ kind: 'tanh' }) }],
  ['relu', { make: () => relu(0, 0) }],
  ['softsign', { make: () => ({ kind: 'softsign' }) }],
  ['softplus', { make: () => ({ kind: 'softplus' }) }],
  ['leakyrelu', { alpha: Math.fround(0.01), make: (alpha) => relu(alpha, 0) }],
  ['thresholdedrelu', { alpha: 1, make: (alpha) => relu(0, alpha) }],
  ['elu', { alpha: 1, make: (alpha) => ({ kind: 'elu', alpha }) }],
  [
    'hardsigmoid',
    {
      alpha: Math.fround(0.2),
      beta: 0.5,
      make: (slope, offset) => ({ kind: 'hardSigmoid', slope, offset }),
    },
  ],
  // Neither has a default.
  [
    'affine',
    {
      alpha: Number.NaN,
      beta: Number.NaN,
      make: (slope, offset) =>
        Number.isNaN(slope + offset) ? undefined : { kind: 'affine', slope, offset },
    },
  ],
  [
    'scaledtanh',
    {
      alpha: Number.NaN,
      beta: Number.NaN,
      make: (scale, slope) =>
        Number.isNaN(scale + slope) ? undefined : { kind: 'scaledTanh', scale, slope },
    },
  ],
]);

/**
 * Reads the functions of a recurrent node, in the order of its attribute: those of each direction one after the other.
 * Alphas and betas are taken in turn by the functions that have one.
 *
 * @param defaults of one direction
 * @returns those of each direction
 * @throws LstmdError `model.refused` for a function that is not known
 */
export function readActivations(
  node: NodeContext,
  defaults: readonly string[],
  directions: number,
): readonly (readonly Activation[])[] {
  const { options } = node;
  const count = defaults.length * directions;
  const names =
    options.strings('activations') ?? Array.from({ length: directions }, () => defaults).flat();
  const alphas = [...(options.floats('activation_alpha') ?? [])];
  const betas = [...(options.floats('activation_beta') ?? [])];
  if (names.length !== count) {
    throw options.malformed(`it has ${names.length} activations in place of ${count}`);
  }
  const activations = names.map((name) => {
    const definition = definitions.get(name.toLowerCase());
    const alpha =
      definition?.alpha === undefined ? undefined : (alphas.shift() ?? definition.alpha);
    const beta = definition?.beta === undefined ? undefined : (betas.shift() ?? definition.beta);
    const activation = definition?.make(alpha ?? 0, beta ?? 0);
    if (activation === undefined) {
      const given = [alpha, beta].filter((number) => number !== undefined).join(', ');
      throw options.refused(
        `activation ${name}${given === '' ? '' : ` (${given})`} is not one that this program computes`,
      );
    }
    return activation;
  });
  return Array.from({ length: directions }, (_, direction) =>
    activations.slice(direction * defaults.length, (direction + 1) * defaults.length),
  );
}
