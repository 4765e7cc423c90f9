import type { Tensor } from '../../tensor.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireSequence, requireValue } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, builtArray } from './array-tensor.js';

/** The reason why a stream has no attention. */
export const overSteps = 'attention weighs every step of a window against every other';

/** Keras takes this from the score of a step that is not to be looked at. */
const hiddenBy = 1e9;

/** Attention: the scores are products of a query with each key. */
export const attention: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  options.ignore('dropout');
  const { math, query, value, key } = readInputs(layer);
  const mode = options.raw('score_mode') ?? 'dot';
  const isScaled = options.boolean('use_scale', false);
  const scale = isScaled ? (weights.take('scale', [])[0] ?? 1) : 1;
  if (mode !== 'dot' && mode !== 'concat') {
    throw options.malformed(`score_mode=${JSON.stringify(mode)} is not known`);
  }
  if (mode === 'dot') {
    const products = math.matMul(query, math.transpose(key, [1, 0]));
    return attended(layer, math, isScaled ? math.scale(products, scale) : products, value);
  }
  const [weight = 1] = weights.take('concat_score_weight', []);
  const pairs = eachPair(math, query, key);
  const curved = math.activate(isScaled ? math.scale(pairs, scale) : pairs, { kind: 'tanh' });
  return attended(layer, math, math.scale(sumOfFeatures(math, curved), weight), value);
};

/** AdditiveAttention: the scores are sums of tanh(query + key), each feature by its scale. */
export const additiveAttention: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  options.ignore('dropout');
  const { math, query, value, key } = readInputs(layer);
  const size = query.shape.at(-1) ?? 1;
  const scale = options.boolean('use_scale', true) ? weights.take('scale', [size]) : null;
  const curved = math.activate(eachPair(math, query, key), { kind: 'tanh' });
  const scaled = scale === null ? curved : math.affine(curved, scale, new Float32Array(size));
  return attended(layer, math, sumOfFeatures(math, scaled), value);
};

function readInputs(layer: LayerContext): {
  readonly math: ArrayMath;
  readonly query: WindowArray;
  readonly value: WindowArray;
  readonly key: WindowArray;
} {
  const { inputs, options } = layer;
  const [query, value, key = value] = inputs;
  if (query === undefined || value === undefined || key === undefined || inputs.length > 3) {
    throw options.malformed(
      `it has ${inputs.length} inputs in place of a query, a value and a key`,
    );
  }
  for (const input of [query, value, key]) {
    requireUnmasked(layer, input);
  }
  const math = arrayMath(layer, overSteps);
  const read = { math, query: arrayOf(query), value: arrayOf(value), key: arrayOf(key) };
  if (query.size !== key.size || read.key.shape[0] !== read.value.shape[0]) {
    throw options.malformed('its query, value and key do not fit');
  }
  return read;
}

/** A mask would hide steps of the value, in a way that depends on the version of Keras. */
export function requireUnmasked(layer: LayerContext, input: Tensor): void {
  requireValue(layer, input);
  requireSequence(layer, input);
  if (input.mask !== null) {
    throw layer.options.refused('a mask reaches it, which is not supported');
  }
}

/** query + key for each pair of steps: (query steps, key steps, features). */
function eachPair(math: ArrayMath, query: WindowArray, key: WindowArray): WindowArray {
  const [queries = 1, size = 1] = query.shape;
  const [keys = 1] = key.shape;
  return math.merge(
    'add',
    math.reshape(query, [queries, 1, size]),
    math.reshape(key, [1, keys, size]),
  );
}

function sumOfFeatures(math: ArrayMath, pairs: WindowArray): WindowArray {
  return math.reshape(math.reduce(pairs, [2], 'sum'), pairs.shape.slice(0, 2));
}

function attended(layer: LayerContext, math: ArrayMath, scores: WindowArray, value: WindowArray) {
  const seen =
    layer.callOptions['use_causal_mask'] === true ? causal(math, scores, hiddenBy) : scores;
  const shares = math.activate(seen, { kind: 'softmax' });
  return builtArray(layer, math, math.matMul(shares, value));
}

/** Takes `hidden` from the score of each key step that comes after the query's: (..., query steps, key steps). */
export function causal(math: ArrayMath, scores: WindowArray, hidden: number): WindowArray {
  const [queries, keys] = [scores.shape.at(-2) ?? 1, scores.shape.at(-1) ?? 1];
  const shift = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys > Math.floor(i / keys) ? -hidden : 0,
  );
  return math.affine(scores, new Float32Array(queries * keys).fill(1), shift);
}
