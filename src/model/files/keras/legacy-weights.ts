import { LstmdError } from '../../../base/errors.js';
import { isObject, type JsonObject } from '../../../base/json.js';
import type { StoredWeight } from '../../source/model-source.js';

/** How a file has its weights otherwise than TensorFlow's Keras 2. */
export interface WeightFormat {
  /** One array for each gate, and a fourth axis for Conv1D. */
  readonly isKeras1: boolean;
  /** Theano turns the kernel of a convolution round before it multiplies. */
  readonly isTheano: boolean;
}

/**
 * A layer's weights as Keras 2 on TensorFlow has them (keras 2.2, `preprocess_weights_for_loading`).
 *
 * @param entry `{ class_name, config }` of the layer, in the spelling of Keras 2
 * @throws LstmdError `model.malformed` when shapes contradict each other, `model.refused` for a
 *   model inside of the model with weights that would have to be changed
 */
export function currentWeights(
  entry: unknown,
  weights: readonly StoredWeight[],
  format: WeightFormat,
): readonly StoredWeight[] {
  if (!format.isKeras1 && !format.isTheano) {
    return weights;
  }
  if (!isObject(entry) || !isObject(entry['config'])) {
    return weights;
  }
  const { class_name: className, config } = entry;
  const inner = config['layer'];
  switch (className) {
    case 'TimeDistributed':
      return currentWeights(inner, weights, format);
    case 'Bidirectional': {
      const half = weights.length >> 1;
      return [weights.slice(0, half), weights.slice(half)].flatMap((one) =>
        currentWeights(inner, one, format),
      );
    }
    case 'LSTM':
      return weights.length === 12 && format.isKeras1 ? ofGates(weights, lstmGates) : weights;
    case 'GRU':
      return weights.length === 9 && format.isKeras1 ? ofGates(weights, gruGates) : weights;
    case 'Conv1D': {
      const [kernel, ...bias] = weights;
      return kernel === undefined ? weights : [conv1dKernel(kernel, config, format), ...bias];
    }
    case 'Sequential':
    case 'Model':
    case 'Functional':
      if (hasConverted(config, format)) {
        throw new LstmdError(
          'model.refused',
          `layer "${String(config['name'])}" (${className}): a model inside of the model, with recurrent or convolutional layers, of Keras 1 or Theano is not supported: load it in Keras 2 and save it again`,
        );
      }
      return weights;
    default:
      return weights;
  }
}

/** Each gate has W, U and b; Keras 1 had the LSTM's in the order i, c, f, o, Keras 2 has i, f, c, o. */
const lstmGates = [0, 6, 3, 9] as const;
const gruGates = [0, 3, 6] as const;

function ofGates(weights: readonly StoredWeight[], gates: readonly number[]): StoredWeight[] {
  return [0, 1, 2].map((offset) =>
    besideEachOther(gates.flatMap((gate) => weights[gate + offset] ?? [])),
  );
}

/** Arrays of one shape (rows, columns) or (columns) become one of (rows, n * columns). */
function besideEachOther(parts: readonly StoredWeight[]): StoredWeight {
  const [first] = parts;
  const columns = first?.shape.at(-1);
  if (first === undefined || columns === undefined) {
    throw new LstmdError('model.malformed', `weight ${first?.path} has no shape`);
  }
  const odd = parts.find(({ shape }) => shape.join() !== first.shape.join());
  if (odd !== undefined) {
    throw new LstmdError(
      'model.malformed',
      `weights ${first.path} and ${odd.path} of one layer have different shapes`,
    );
  }
  const width = parts.length * columns;
  const data = new Float32Array(parts.length * first.data.length);
  for (const [part, weight] of parts.entries()) {
    for (const [i, value] of weight.data.entries()) {
      const row = Math.floor(i / columns);
      data[row * width + part * columns + (i - row * columns)] = value;
    }
  }
  const type = parts.find((weight) => weight.type !== first.type)?.type ?? first.type;
  return { path: first.path, shape: [...first.shape.slice(0, -1), width], type, data };
}

/**
 * Keras 1.2 has (steps, 1, inputs, filters), Keras 1.1 has (filters, inputs, steps, 1), Keras 2
 * has (steps, inputs, filters).
 */
function conv1dKernel(
  kernel: StoredWeight,
  config: JsonObject,
  format: WeightFormat,
): StoredWeight {
  const { filters, kernel_size: size } = config;
  const steps: unknown = Array.isArray(size) ? size[0] : size;
  let { shape, data } = kernel;
  const [a, b, c, d] = shape;
  if (format.isKeras1 && a !== undefined && b !== undefined && c !== undefined && d !== undefined) {
    const isNew = a === steps && b === 1 && d === filters;
    if (!isNew && !(a === filters && c === steps && d === 1)) {
      throw new LstmdError(
        'model.malformed',
        `weight ${kernel.path} has shape (${shape.join(', ')}), which fits no Conv1D with ${String(filters)} filters of ${String(steps)} steps`,
      );
    }
    shape = isNew ? [a, c, d] : [c, b, a];
    if (!isNew) {
      data = reordered(data, ([step, input, filter]) => (filter * b + input) * c + step, shape);
    }
  }
  if (format.isTheano) {
    data = reordered(
      data,
      ([step, input, filter], [n = 0, inputs = 0, width = 0]) =>
        ((n - 1 - step) * inputs + input) * width + filter,
      shape,
    );
  }
  return { ...kernel, shape, data };
}

type Index3 = readonly [number, number, number];

function reordered(
  data: Float32Array,
  from: (at: Index3, shape: readonly number[]) => number,
  shape: readonly number[],
): Float32Array {
  const [n = 0, rows = 0, columns = 0] = shape;
  const result = new Float32Array(data.length);
  let to = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < rows; j += 1) {
      for (let k = 0; k < columns; k += 1) {
        result[to] = data[from([i, j, k], shape)] ?? Number.NaN;
        to += 1;
      }
    }
  }
  return result;
}

function hasConverted(value: unknown, format: WeightFormat): boolean {
  if (Array.isArray(value)) {
    return value.some((item) => hasConverted(item, format));
  }
  if (!isObject(value)) {
    return false;
  }
  const { class_name: className } = value;
  return (
    className === 'Conv1D' ||
    (format.isKeras1 && (className === 'LSTM' || className === 'GRU')) ||
    Object.values(value).some((item) => hasConverted(item, format))
  );
}
