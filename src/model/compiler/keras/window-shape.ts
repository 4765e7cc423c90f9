import { product } from '../shape.js';
import { isModelClass, type LayerEntry } from './graph/layer-entry.js';
import { readTopology } from './graph/read-topology.js';
import type { TensorRef, Topology } from './graph/topology.js';
import type { WindowShape } from './layer-builder/layer-context.js';
import { plainValue } from './layer-builder/plain-value.js';

/** Layers that leave the shape of their input as it is. */
const shapeKeepers: ReadonlySet<string> = new Set([
  'Activation',
  'ActivityRegularization',
  'BatchNormalization',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'LayerNormalization',
  'Normalization',
  'Rescaling',
]);

/** Layers over a sequence whose other inputs are states. */
const recurrentClasses =
  /^(LSTM|GRU|SimpleRNN|RNN|CuDNNLSTM|CuDNNGRU|Bidirectional|ConvLSTM[123]D)$/;

/**
 * Tells how samples lie in an input of one axis, or of three and more.
 *
 * @param name of the InputLayer
 * @param shape of the input without the batch; null for an axis of any size
 * @returns undefined where the input is no window of samples: a state, or one of several inputs
 */
export function windowShapeOf(
  topology: Topology,
  name: string,
  shape: readonly (number | null)[],
): WindowShape | undefined {
  if (shape.length !== 1) {
    return ofArray(shape, readersOf(topology, name), false);
  }
  const [floats] = shape;
  const others = topology.inputs.filter((other) => other !== name && !isState(topology, other));
  if (floats === null || floats === undefined || others.length > 0 || isState(topology, name)) {
    return undefined;
  }
  for (const reader of readersOf(topology, name)) {
    const target = reshapedTo(reader.entry, floats);
    if (target !== undefined && target.length === 2) {
      const [steps = 1, features = 1] = target;
      return { steps, stepsEach: 1, features, isCertain: true };
    }
    if (target !== undefined && target.length > 2) {
      return ofArray(target, readersOf(reader.topology, reader.entry.name), true);
    }
  }
  return { steps: 1, stepsEach: 1, features: floats, isCertain: false };
}

/**
 * The usual meaning of several axes: (steps, features, 1) before a convolution over both, (parts, steps, features),
 * (parts, 1, steps, features) or (parts, steps, features, 1) before layers that take a window in parts.
 */
function ofArray(
  shape: readonly (number | null)[],
  readers: readonly Reader[],
  isCertain: boolean,
): WindowShape | undefined {
  const sizes = shape.slice(1).map((size) => size ?? 0);
  const [steps = null] = shape;
  const last = sizes.at(-1) ?? 0;
  if (sizes.includes(0)) {
    return undefined;
  }
  const classes = new Set(readers.map(({ entry }) => entry.className));
  const isInParts =
    classes.has('TimeDistributed') ||
    classes.has('ConvLSTM3D') ||
    (classes.has('ConvLSTM2D') && sizes[0] === 1) ||
    (classes.has('ConvLSTM1D') && last > 1);
  const isOneRow = steps === 1 || (!isInParts && sizes.length === 2 && sizes[0] === 1);
  const perSample =
    isInParts && sizes.length > 2 && last === 1 && sizes[0] !== 1 ? (sizes.at(-2) ?? 1) : last;
  const inEach = isInParts || isOneRow ? product(sizes) / perSample : 1;
  return {
    steps: steps === null ? null : steps * inEach,
    stepsEach: inEach,
    features: product(sizes) / inEach,
    isCertain,
  };
}

/** A layer that reads a tensor, and the model that it stands in. */
interface Reader {
  readonly entry: LayerEntry;
  readonly topology: Topology;
}

/**
 * The layers that read what a layer gives, behind those that leave its shape as it is.
 *
 * @param seen the layers that were looked at: those of a damaged file may feed each other in a circle
 */
function readersOf(
  topology: Topology,
  name: string,
  seen: ReadonlySet<string> = new Set(),
): readonly Reader[] {
  const known = new Set([...seen, name]);
  return usersOf(topology, name).flatMap(({ layer }): readonly Reader[] => {
    if (known.has(layer.name)) {
      return [];
    }
    if (shapeKeepers.has(layer.className)) {
      return readersOf(topology, layer.name, known);
    }
    if (!isModelClass(layer.className)) {
      return [{ entry: layer, topology }];
    }
    const inner = readTopology({ class_name: layer.className, config: layer.config });
    return inner.inputs.flatMap((input) => readersOf(inner, input));
  });
}

function usersOf({ layers }: Topology, name: string) {
  const isIt = (reference: TensorRef): boolean => reference.layer === name;
  return layers.flatMap((layer) =>
    layer.calls.flatMap((call) => {
      const index = call.inputs.findIndex(isIt);
      const isInitial = call.initialState.some(isIt);
      return index >= 0 || isInitial ? [{ layer, isInitial: isInitial || index > 0 }] : [];
    }),
  );
}

/** Returns whether recurrent layers begin with this input. */
function isState(topology: Topology, name: string): boolean {
  return usersOf(topology, name).some(
    ({ layer, isInitial }) => isInitial && recurrentClasses.test(layer.className),
  );
}

/** The shape that a layer gives `floats` floats, where it does nothing else. */
function reshapedTo(
  { className, isOperation, config }: LayerEntry,
  floats: number,
): number[] | undefined {
  if (className === 'ExpandDims' && isOperation) {
    return config['axis'] === 1 ? [1, floats] : [floats, 1];
  }
  if (className !== 'Reshape') {
    return undefined;
  }
  const value = plainValue(config[isOperation ? 'newshape' : 'target_shape']);
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const target = (isOperation ? list.slice(1) : list).map(Number);
  const known = product(target.filter((size) => size !== -1));
  const sizes = target.map((size) => (size === -1 ? floats / known : size));
  const fits = sizes.every((size) => Number.isSafeInteger(size) && size > 0);
  return fits && product(sizes) === floats ? sizes : undefined;
}
