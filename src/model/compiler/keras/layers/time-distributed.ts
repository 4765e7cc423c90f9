import { product } from '../../shape.js';
import { shapeOf, type Tensor } from '../../tensor.js';
import type { WindowArray } from '../../window-array.js';
import { readTopology } from '../graph/read-topology.js';
import { isModelClass, readLayerEntry } from '../graph/layer-entry.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { anyInput } from '../layer-builder/layer-inputs.js';
import { arrayMath, arrayOf, arrayTensor } from './array-tensor.js';

/** Layers that work on the last axis alone, so that all steps can go through them together. */
const rowWiseClasses: ReadonlySet<string> = new Set([
  'InputLayer',
  'Activation',
  'ActivityRegularization',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'ELU',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'LayerNormalization',
  'LeakyReLU',
  'Normalization',
  'ReLU',
  'Rescaling',
]);

/** Steps each of which may get operations of its own. */
const maxSteps = 1024;

/** TimeDistributed: applies a layer to each step by itself. */
export const timeDistributed: LayerBuilder = (layer) => {
  const { options, builder } = layer;
  const input = anyInput(layer);
  const entry = options.raw('layer');
  if (input.form !== 'sequence' && input.form !== 'array') {
    throw options.refused(
      'its input has no time axis (expected ndim=3, found ndim=2): the layer before must return sequences',
    );
  }
  const { className } = readLayerEntry(entry);
  if (input.form === 'array' && className === 'Flatten') {
    const size = product(shapeOf(input).slice(1).map(Number));
    layer.inner(entry, { ...input, form: 'vector', size }, 'layer');
    const { value, rate } = input;
    return {
      outputs: [{ value, size, form: 'sequence', rate, mask: null }],
      streaming: 'identity',
    };
  }
  const isVectors = input.form === 'sequence';
  if (isVectors && (builder.kind === 'step' || isRowWise(entry))) {
    return together(layer, entry, input);
  }
  return oneByOne(layer, entry, input);
};

/** All steps at once, each as a vector. */
function together({ options, inner }: LayerContext, entry: unknown, input: Tensor): BuiltLayer {
  const outputs = inner(entry, { ...input, form: 'vector', mask: null }, 'layer');
  const [output] = outputs;
  if (output === undefined || outputs.length > 1) {
    throw options.refused(`its layer has ${outputs.length} outputs`);
  }
  if (output.form !== 'vector') {
    throw options.refused('its layer makes a sequence of each step, which is not supported');
  }
  return {
    outputs: [{ ...output, form: 'sequence', mask: input.mask }],
    streaming: 'pointwise',
  };
}

/** Each step of a window through operations of its own. */
function oneByOne(layer: LayerContext, entry: unknown, input: Tensor): BuiltLayer {
  const { options, inner, weights } = layer;
  const math = arrayMath(layer, 'its layer is over an axis of each step, of a whole window');
  const array = arrayOf(input);
  const [steps = 1, ...behind] = array.shape;
  if (steps > maxSteps) {
    throw options.refused(
      `it has ${steps} steps, each of which takes operations: up to ${maxSteps} are supported`,
    );
  }
  const again = weights.mark();
  const made = Array.from({ length: steps }, (_, step): WindowArray => {
    const one = math.slice(array, 0, { from: step, step: 1, count: 1 });
    again();
    const outputs = inner(entry, arrayTensor(layer, math, math.reshape(one, behind)), 'layer');
    const [output] = outputs;
    if (output === undefined || outputs.length > 1) {
      throw options.refused(`its layer has ${outputs.length} outputs`);
    }
    const part = arrayOf(output);
    return math.reshape(part, [1, ...part.shape]);
  });
  const joined = math.concatenate(made, 0);
  return { outputs: [arrayTensor(layer, math, joined, input.mask)], streaming: 'whole window' };
}

/** Returns whether a layer, or every layer of a model, is over the last axis alone. */
function isRowWise(entry: unknown): boolean {
  const { className, config, isOperation } = readLayerEntry(entry);
  if (!isModelClass(className)) {
    const axis = config['axis'] ?? -1;
    const isLast = axis === -1 || (Array.isArray(axis) && axis.length === 1 && axis[0] === -1);
    return (
      rowWiseClasses.has(className) &&
      !isOperation &&
      (className === 'Normalization' || isLast || axis === 1)
    );
  }
  const { layers } = readTopology({ class_name: className, config });
  return layers.every(
    ({ className: name, isOperation: isOwn, config: own }) =>
      !isOwn && isRowWise({ class_name: name, config: { name, ...own } }),
  );
}
