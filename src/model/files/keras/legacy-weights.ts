import { LstmdError } from '../../../base/errors.js';
import { isObject, type JsonObject } from '../../../base/json.js';
import type { StoredWeight } from '../../source/model-source.js';

/** In what a file's weights differ from those of Keras 2 on TensorFlow. */
export interface WeightDialect {
  /** Recurrent layers have one array for each gate, and a kernel of Conv1D has a fourth axis. */
  readonly isKeras1: boolean;
  /** The steps of a convolution's kernel are in reverse order, as Theano has them. */
  readonly isTheano: boolean;
}

/**
 * The weights of a layer as Keras 2 on TensorFlow has them (keras 2.2, `preprocess_weights_for_loading`).
 *
 * @param entry `{ class_name, config }` of the layer, as Keras 2 writes it
 * @throws LstmdError `model.malformed` when shapes contradict each other, `model.refused` for a
 *   model inside of the model with weights that would have to be changed
 */
export function convertWeights(
  entry: unknown,
  weights: readonly StoredWeight[],
  dialect: WeightDialect,
): readonly StoredWeight[] {
  if (!dialect.isKeras1 && !dialect.isTheano) {
    return weights;
  }
  if (!isObject(entry) || !isObject(entry['config'])) {
    return weights;
  }
  const { class_name: className, config } = entry;
  const inner = config['layer'];
  switch (className) {
    case 'TimeDistributed':
      return convertWeights(inner, weights, dialect);
    case 'Bidirectional': {
      const half = weights.length >> 1;
      return [weights.slice(0, half), weights.slice(half)].flatMap((one) =>
        convertWeights(inner, one, dialect),
      );
    }
    case 'LSTM':
      return weights.length === 12 && dialect.isKeras1 ? mergeGates(weights, lstmGates) : weights;
    case 'GRU':
      return weights.length === 9 && dialect.isKeras1 ? mergeGates(weights, gruGates) : weights;
    case 'Conv1D': {
      const [kernel, ...bias] = weights;
      return kernel === undefined ? weights : [conv1dKernel(kernel, config, dialect), ...bias];
    }
    case 'Sequential':
    case 'Model':
    case 'Functional':
      if (needsConversion(config, dialect)) {
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

/**
 * The index in the list of Keras 1 at which each gate's arrays W, U and b begin, in the order of gates
 * of Keras 2: i, f, c, o for the LSTM, which Keras 1 had in the order i, c, f, o; z, r, h for the GRU.
 */
const lstmGates = [0, 6, 3, 9] as const;
const gruGates = [0, 3, 6] as const;

/** The kernel, the recurrent kernel and the bias of all gates, made of the arrays of each gate. */
function mergeGates(weights: readonly StoredWeight[], gates: readonly number[]): StoredWeight[] {
  return [0, 1, 2].map((offset) =>
    concatenateColumns(gates.flatMap((gate) => weights[gate + offset] ?? [])),
  );
}

/** Makes n arrays of one shape (rows, columns) or (columns) one of (rows, n * columns) or (n * columns). */
function concatenateColumns(parts: readonly StoredWeight[]): StoredWeight {
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
 * The kernel of a Conv1D as Keras 2 has it. Keras 1.2 has (steps, 1, inputs, filters), Keras 1.1 has (filters, inputs, steps, 1), Keras 2
 * has (steps, inputs, filters).
 */
function conv1dKernel(
  kernel: StoredWeight,
  config: JsonObject,
  dialect: WeightDialect,
): StoredWeight {
  const { filters, kernel_size: size } = config;
  const steps: unknown = Array.isArray(size) ? size[0] : size;
  let { shape, data } = kernel;
  const [a, b, c, d] = shape;
  if (
    dialect.isKeras1 &&
    a !== undefined &&
    b !== undefined &&
    c !== undefined &&
    d !== undefined
  ) {
    const isKeras12 = a === steps && b === 1 && d === filters;
    if (!isKeras12 && !(a === filters && c === steps && d === 1)) {
      throw new LstmdError(
        'model.malformed',
        `weight ${kernel.path} has shape (${shape.join(', ')}), which fits no Conv1D with ${String(filters)} filters of ${String(steps)} steps`,
      );
    }
    shape = isKeras12 ? [a, c, d] : [c, b, a];
    if (!isKeras12) {
      data = reordered(data, ([step, input, filter]) => (filter * b + input) * c + step, shape);
    }
  }
  if (dialect.isTheano) {
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

/** @param from the index in `data` of the float that belongs at a place of an array of `shape` */
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

/** Returns whether a configuration holds a layer whose weights would have to be changed. */
function needsConversion(value: unknown, dialect: WeightDialect): boolean {
  if (Array.isArray(value)) {
    return value.some((item) => needsConversion(item, dialect));
  }
  if (!isObject(value)) {
    return false;
  }
  const { class_name: className } = value;
  return (
    className === 'Conv1D' ||
    (dialect.isKeras1 && (className === 'LSTM' || className === 'GRU')) ||
    Object.values(value).some((item) => needsConversion(item, dialect))
  );
}
