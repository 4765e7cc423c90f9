import type { ValueId } from '../../../plan/stream-plan.js';
import type { Tensor } from '../../tensor.js';
import type { ArrayMath, WindowArray } from '../../window-array.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireSequence, requireValue } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { pairsOf, withHidden } from './attention-mask.js';

/** The reason why a stream has no attention. */
export const overSteps = 'attention weighs every step of a window against every other';

/** Attention: the scores are products of a query with each key. */
export const attention: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  options.ignore('dropout');
  const read = readInputs(layer);
  const { math, query, key } = read;
  const mode = options.raw('score_mode') ?? 'dot';
  const isScaled = options.boolean('use_scale', false);
  const scale = isScaled ? (weights.take('scale', [])[0] ?? 1) : 1;
  if (mode !== 'dot' && mode !== 'concat') {
    throw options.malformed(`score_mode=${JSON.stringify(mode)} is not known`);
  }
  if (mode === 'dot') {
    const products = math.matMul(query, math.transpose(key, [1, 0]));
    return attended(layer, read, isScaled ? math.scale(products, scale) : products);
  }
  const [weight = 1] = weights.take('concat_score_weight', []);
  const pairs = eachPair(math, query, key);
  const curved = math.activate(isScaled ? math.scale(pairs, scale) : pairs, { kind: 'tanh' });
  return attended(layer, read, math.scale(sumOfFeatures(math, curved), weight));
};

/** AdditiveAttention: the scores are sums of tanh(query + key), each feature by its scale. */
export const additiveAttention: LayerBuilder = (layer) => {
  const { options, weights } = layer;
  options.ignore('dropout');
  const read = readInputs(layer);
  const { math, query, key } = read;
  const size = query.shape.at(-1) ?? 1;
  const scale = options.boolean('use_scale', true) ? weights.take('scale', [size]) : null;
  const curved = math.activate(eachPair(math, query, key), { kind: 'tanh' });
  const scaled = scale === null ? curved : math.affine(curved, scale, new Float32Array(size));
  return attended(layer, read, sumOfFeatures(math, scaled));
};

interface AttentionInputs {
  readonly math: ArrayMath;
  readonly query: WindowArray;
  readonly value: WindowArray;
  readonly key: WindowArray;
  readonly queryMask: ValueId | null;
  readonly valueMask: ValueId | null;
}

function readInputs(layer: LayerContext): AttentionInputs {
  const { inputs, options } = layer;
  const [query, value, key = value] = inputs;
  if (query === undefined || value === undefined || key === undefined || inputs.length > 3) {
    throw options.malformed(
      `it has ${inputs.length} inputs in place of a query, a value and a key`,
    );
  }
  for (const input of [query, value, key]) {
    requireSteps(layer, input);
  }
  const math = arrayMath(layer, overSteps);
  const read = {
    math,
    query: arrayOf(query),
    value: arrayOf(value),
    key: arrayOf(key),
    queryMask: query.mask,
    valueMask: value.mask,
  };
  if (query.size !== key.size || read.key.shape[0] !== read.value.shape[0]) {
    throw options.malformed('its query, value and key do not fit');
  }
  return read;
}

/** Requires an input of attention to have steps. */
export function requireSteps(layer: LayerContext, input: Tensor): void {
  requireValue(layer, input);
  requireSequence(layer, input);
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

/** The values by the scores. A masked step of the value has no share, a masked one of the query gives zeros. */
function attended(layer: LayerContext, read: AttentionInputs, scores: WindowArray): BuiltLayer {
  const { math, value, queryMask, valueMask } = read;
  const [queries = 1, keys = 1] = scores.shape;
  const pairs = pairsOf(math, {
    queries,
    keys,
    queryMasks: [],
    keyMasks: [valueMask],
    isCausal: layer.callOptions['use_causal_mask'] === true,
  });
  const shares = math.activate(withHidden(math, scores, pairs), { kind: 'softmax' });
  const made = math.matMul(shares, value);
  const kept =
    queryMask === null
      ? made
      : math.merge('multiply', made, { value: queryMask, shape: [queries, 1] });
  return { outputs: [arrayTensor(layer, math, kept, queryMask)], streaming: 'whole window' };
}
