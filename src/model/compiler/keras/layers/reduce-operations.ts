import type { ReduceOp } from '../../../plan/step-op.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';
import { globallyPooled } from './global-pooling.js';
import { overAxes, rankOf, readAxes } from './over-axes.js';
import type { Rows } from '../../operations/rows.js';

/** Sum, Mean, Max and Min over axes of a tensor. */
export const reduction =
  (operation: ReduceOp['operation']): LayerBuilder =>
  (layer) => {
    layer.options.only('initial', false, 'an initial value is not supported');
    const running = runningPool(layer, operation);
    return running ?? reduced(layer, (rows) => rows.reduce(operation));
  };

/** Var: the mean of the squared distances from the mean. */
export const variance: LayerBuilder = (layer) => reduced(layer, varianceOf);

/** Std: the root of the variance. */
export const deviation: LayerBuilder = (layer) =>
  reduced(layer, (rows) => varianceOf(rows).activate({ kind: 'squareRoot' }));

/** Norm: the length of a vector, or of a matrix, by its squares (as is the default), its sum or its largest float. */
export const norm: LayerBuilder = (layer) => {
  const { options } = layer;
  const order = options.raw('ord') ?? 2;
  if (order === Infinity) {
    return reduced(layer, (rows) => rows.activate({ kind: 'absolute' }).reduce('maximum'));
  }
  if (order === 1 || order === 2 || order === 'euclidean' || order === 'fro') {
    return reduced(layer, (rows) =>
      order === 1
        ? rows.activate({ kind: 'absolute' }).reduce('sum')
        : rows.activate({ kind: 'square' }).reduce('sum').activate({ kind: 'squareRoot' }),
    );
  }
  throw options.refused(
    `ord=${JSON.stringify(order)}: the norms 1, 2, inf and "fro" are supported`,
  );
};

/** Ptp: from the least to the largest. */
export const spread: LayerBuilder = (layer) =>
  reduced(layer, (rows) => rows.reduce('maximum').merge('subtract', rows.reduce('minimum')));

/** Logsumexp, whose exponentials are those of the distances from the largest. */
export const logSumExp: LayerBuilder = (layer) =>
  reduced(layer, (rows) => {
    const largest = rows.reduce('maximum');
    const sum = rows.merge('subtract', largest).activate({ kind: 'exponential' }).reduce('sum');
    return sum.activate({ kind: 'log' }).merge('add', largest);
  });

function varianceOf(rows: Rows): Rows {
  return rows.merge('subtract', rows.reduce('mean')).activate({ kind: 'square' }).reduce('mean');
}

function reduced(layer: LayerContext, compute: (rows: Rows) => Rows): BuiltLayer {
  const { options } = layer;
  const input = anyInput(layer);
  const axes = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
  const isKept = options.boolean('keepdims', false);
  const output = overAxes(layer, { ...input, mask: null }, axes, compute);
  return {
    outputs: [isKept ? output : squeezed(layer, output, axes)],
    streaming: layer.builder.kind === 'step' ? 'pointwise' : 'whole window',
  };
}

/** The mean or the maximum over time that GlobalAveragePooling1D would be: a running one. */
function runningPool(
  layer: LayerContext,
  operation: ReduceOp['operation'],
): BuiltLayer | undefined {
  const { options, builder } = layer;
  const input = anyInput(layer);
  const isPool = operation === 'mean' || operation === 'maximum';
  if (builder.kind !== 'step' || input.form !== 'sequence' || !isPool) {
    return undefined;
  }
  const axes = readAxes(options, 'axis', options.raw('axis'), rankOf(input));
  if (axes.length !== 1 || axes[0] !== 0 || options.boolean('keepdims', false)) {
    return undefined;
  }
  builder.ruleOut(
    ['continuous'],
    layer,
    'it is over all steps of a window, and a stream has no end',
  );
  const pool = operation === 'mean' ? 'average' : 'maximum';
  const { size, rate } = input;
  const value = globallyPooled(layer, pool, { ...input, mask: null });
  return {
    outputs: [{ value, size, form: 'vector', rate, mask: null }],
    streaming: `running ${operation}`,
  };
}

/** Drops axes of one from a tensor. */
export function squeezed(layer: LayerContext, tensor: Tensor, axes: readonly number[]): Tensor {
  const { options, builder } = layer;
  const shape = shapeOf(tensor);
  if (axes.some((axis) => shape[axis] !== 1)) {
    throw options.malformed('an axis that it drops has more than one index');
  }
  if (builder.kind === 'step' && tensor.form === 'sequence' && axes.length === 1 && axes[0] === 1) {
    return { ...tensor, form: 'flattened', mask: null, flattenedBy: layer };
  }
  if (builder.kind === 'step' && tensor.form === 'sequence' && tensor.rate.count === 1) {
    return { ...tensor, form: 'vector', mask: null };
  }
  const math = arrayMath(layer, 'it drops the axis of the steps');
  const array = arrayOf(tensor);
  const left = array.shape.filter((_, axis) => !axes.includes(axis));
  return arrayTensor(layer, math, math.reshape(array, left));
}
