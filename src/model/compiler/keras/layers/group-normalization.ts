import type { LayerBuilder } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { product } from '../../shape.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { rankOf, readAxes } from './over-axes.js';

/** GroupNormalization: the features, or the indices of another axis, in groups, each normalised over all other axes. */
export const groupNormalization: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  const input = anyInput(layer);
  const rank = rankOf(input);
  const [axis = rank - 1, ...more] = readAxes(options, 'axis', options.raw('axis') ?? -1, rank);
  if (more.length > 0) {
    throw options.refused('groups along several axes are not supported');
  }
  const math = arrayMath(layer, 'it is over the steps of a window, and needs all of them');
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  const order = [...others, axis];
  const array = math.transpose(arrayOf(input), order);
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
  const restored = order.map((_, i) => order.indexOf(i));
  const made = math.transpose(math.reshape(scaled, array.shape), restored);
  return { outputs: [arrayTensor(layer, math, made, input.mask)], streaming: 'whole window' };
};
