import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { product } from '../../shape.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';
import { rankOf } from './over-axes.js';

/** GroupNormalization: the features in groups, each normalised over all steps. */
export const groupNormalization: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  const input = anyInput(layer);
  const rank = rankOf(input);
  options.lastAxis('axis', { form: input.form, rank });
  const math = arrayMath(layer, 'it is over the steps of a window, and needs all of them');
  const array = arrayOf(input);
  const size = array.shape.at(-1) ?? 1;
  const given = options.number('groups', 32);
  const groups = given === -1 ? size : given;
  if (!Number.isInteger(size / groups) || groups < 1) {
    throw options.malformed(`${size} features do not make ${groups} groups`);
  }
  const epsilon = options.number('epsilon', 1e-3);
  const gamma = options.boolean('scale', true) ? weights.take('gamma', [size]) : null;
  const beta = options.boolean('center', true) ? weights.take('beta', [size]) : null;
  const steps = product(array.shape) / size;
  const turned = math.transpose(math.reshape(array, [steps, groups, size / groups]), [1, 0, 2]);
  const run = (steps * size) / groups;
  const normal = math.map(turned, run, run, (fields) => ({
    ...fields,
    kind: 'layerNorm',
    gamma: null,
    beta: null,
    epsilon,
  }));
  const back = math.transpose(math.reshape(normal, turned.shape), [1, 0, 2]);
  const scaled = math.affine(
    math.reshape(back, array.shape),
    gamma ?? new Float32Array(size).fill(1),
    beta ?? new Float32Array(size),
  );
  return builtArray(layer, math, scaled);
};
