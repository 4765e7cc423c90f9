import { product, type Shape } from '../../shape.js';
import type { ValueId } from '../../../plan/stream-plan.js';
import type { Tensor } from '../../tensor.js';
import type { WindowArray } from '../../window-array.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { plainValue } from '../layer-builder/plain-value.js';
import { shortText } from '../layer-builder/short-text.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { overSteps, requireSteps } from './attention.js';
import { pairsOf, withHidden } from './attention-mask.js';

interface Heads {
  /** Heads of the query, and of the key and the value, each of which several heads of the query share. */
  readonly queries: number;
  readonly keys: number;
  /** Floats of a head of query and key, and of the value. */
  readonly size: number;
  readonly valueSize: number;
  /** Goes before the names of its parts in the file. */
  readonly prefix: string;
}

/** MultiHeadAttention, of a sequence to itself or to another. */
export const multiHeadAttention: LayerBuilder = (layer) => {
  const { options, kerasMajor } = layer;
  const heads = options.size('num_heads');
  const size = options.size('key_dim');
  const valueSize = (options.raw('value_dim') ?? null) === null ? size : options.size('value_dim');
  const axes = plainValue(options.raw('attention_axes') ?? null);
  if (axes !== null && axes !== 1 && !(Array.isArray(axes) && axes.length === 1 && axes[0] === 1)) {
    throw options.refused(`attention_axes=${shortText(axes)}: only the time axis is supported`);
  }
  options.ignore('flash_attention');
  const prefix = kerasMajor >= 3 ? '' : '_';
  return attend(layer, { queries: heads, keys: heads, size, valueSize, prefix });
};

/** GroupQueryAttention: several heads of the query share one of the key and the value. */
export const groupQueryAttention: LayerBuilder = (layer) => {
  const { options } = layer;
  const queries = options.size('num_query_heads');
  const keys = options.size('num_key_value_heads');
  const size = options.size('head_dim');
  if (queries % keys !== 0) {
    throw options.malformed(`${queries} heads cannot share ${keys}`);
  }
  options.ignore('flash_attention');
  return attend(layer, { queries, keys, size, valueSize: size, prefix: '_' });
};

function attend(layer: LayerContext, heads: Heads) {
  const { options, weights } = layer;
  const hasDropout = options.number('dropout', 0) > 0;
  const reach =
    (options.raw('sliding_window') ?? null) === null ? null : options.size('sliding_window');
  const read = readInputs(layer);
  const { query, value, key } = read;
  const math = arrayMath(layer, overSteps);
  const { queries, keys, size, valueSize, prefix } = heads;
  const useBias = options.boolean('use_bias', true);
  const useGate = options.boolean('use_gate', false);
  /** Dense to (heads, floats), which is put into (heads, steps, floats). */
  const project = (
    input: WindowArray,
    part: string,
    count: number,
    floats: number,
  ): WindowArray => {
    const inputs = input.shape[1] ?? 1;
    const kernel = takeOf(`${part}_kernel`, [inputs, count, floats], part);
    const bias = useBias ? takeOf(`${part}_bias`, [count, floats], part) : null;
    const activation = { kind: part === 'gate' ? 'sigmoid' : 'linear' } as const;
    return math.dense(input, inputs, count * floats, { kernel, bias, activation });
  };
  const byHead = (steps: WindowArray, count: number): WindowArray => {
    const [length = 1, width = 1] = steps.shape;
    return math.transpose(math.reshape(steps, [length, count, width / count]), [1, 0, 2]);
  };
  const shared = (array: WindowArray): WindowArray => {
    const [count = 1, length = 1, floats = 1] = array.shape;
    const each = queries / count;
    const repeated = math.broadcast(math.reshape(array, [count, 1, length, floats]), [
      count,
      each,
      length,
      floats,
    ]);
    return math.reshape(repeated, [queries, length, floats]);
  };
  // The order is that in which Keras makes the weights, which is the order of a list without names.
  const q = byHead(project(query, 'query', queries, size), queries);
  const k = byHead(project(key, 'key', keys, size), keys);
  const gate = useGate ? project(query, 'gate', queries, valueSize) : undefined;
  const v = byHead(project(value, 'value', keys, valueSize), keys);
  const scores = math.scale(
    math.matMul(q, math.transpose(shared(k), [0, 2, 1])),
    Math.fround(1 / Math.sqrt(size)),
  );
  const [steps = 1] = query.shape;
  const keySteps = key.shape[0] ?? 1;
  const pairs = pairsOf(math, {
    queries: steps,
    keys: keySteps,
    queryMasks: [read.queryMask],
    keyMasks: [read.valueMask, read.keyMask],
    isCausal: layer.callOptions['use_causal_mask'] === true,
    reach,
  });
  const softmax = math.activate(withHidden(math, scores, pairs), { kind: 'softmax' });
  // With dropout Keras takes another way, in which a query that looks at nothing gets zeros.
  const isZeroed =
    hasDropout && layer.kerasMajor >= 3 && pairs !== undefined && !Array.isArray(pairs);
  const shares = isZeroed
    ? math.merge('multiply', softmax, math.reshape(pairs, [1, steps, keySteps]))
    : softmax;
  const joined = math.reshape(math.transpose(math.matMul(shares, shared(v)), [1, 0, 2]), [
    steps,
    queries * valueSize,
  ]);
  const gated = gate === undefined ? joined : math.merge('multiply', joined, gate);
  const target = outputShape(layer, query.shape[1] ?? 1);
  const kernel = takeOf('output_kernel', [queries, valueSize, ...target], 'output');
  const bias = useBias ? takeOf('output_bias', target, 'output') : null;
  const output = math.dense(gated, queries * valueSize, product(target), { kernel, bias });
  const made = arrayTensor(layer, math, math.reshape(output, [steps, ...target]), read.queryMask);
  return { outputs: [made], streaming: 'whole window' };

  function takeOf(name: string, shape: Shape, part: string): Float32Array {
    const own = part === 'gate' ? '_' : prefix;
    return weights.take(name, shape, `${own}${part}_dense`);
  }
}

function outputShape({ options }: LayerContext, features: number): Shape {
  const value = plainValue(options.raw('output_shape') ?? null);
  const list: readonly unknown[] =
    value === null ? [features] : Array.isArray(value) ? value : [value];
  const shape = list.map((size) => (typeof size === 'number' && size >= 1 ? size : 0));
  if (shape.includes(0)) {
    throw options.malformed(`output_shape=${shortText(value)} is not a shape`);
  }
  return shape;
}

/** Query, value and key, by their places or by their names; the key is the value by default. */
function readInputs(layer: LayerContext): {
  readonly query: WindowArray;
  readonly value: WindowArray;
  readonly key: WindowArray;
  readonly queryMask: ValueId | null;
  readonly valueMask: ValueId | null;
  /** That of the key where one is given. */
  readonly keyMask: ValueId | null;
} {
  const { inputs, named, options } = layer;
  const names = ['query', 'value', 'key'] as const;
  const [query, value, key] = names.map((name, i): Tensor | undefined => inputs[i] ?? named[name]);
  if (query === undefined || value === undefined || inputs.length > names.length) {
    throw options.malformed('it needs a query and a value');
  }
  for (const input of [query, value, key ?? value]) {
    requireSteps(layer, input);
  }
  // An array that comes before the window is refused before its numbers are looked at.
  layer.builder.requireWindow(layer, overSteps);
  return {
    query: arrayOf(query),
    value: arrayOf(value),
    key: arrayOf(key ?? value),
    queryMask: query.mask,
    valueMask: value.mask,
    keyMask: key?.mask ?? null,
  };
}
