import { LstmdError } from '../../errors.js';
import { parseConfig } from './config-text.js';
import { readHdf5, type Hdf5File } from './hdf5.js';
import type { LayerWeights, ModelSource, StoredWeight, WeightStore } from './model-source.js';

/**
 * Reads a legacy `.h5` file: `model_config` and `keras_version` as attributes of the root, weights
 * in the group `model_weights`.
 *
 * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is no whole Keras model
 */
export async function readKerasHdf5(bytes: Uint8Array): Promise<ModelSource> {
  return readHdf5(bytes, (file) => {
    const config = file.string('/', 'model_config');
    if (config === null) throw notWhole(file);
    if (!file.has(root))
      throw new LstmdError('model.malformed', `the HDF5 file has no group ${root}`);
    return {
      container: '.h5',
      // Keras 1 wrote no version.
      kerasVersion: file.string('/', 'keras_version') ?? '1',
      architecture: parseConfig(config, 'attribute model_config'),
      weights: weightStore(file),
    };
  });
}

const root = 'model_weights';

function notWhole(file: Hdf5File): LstmdError {
  const weightsOnly =
    file.strings('/', 'layer_names') !== null || file.has('layers') || file.has('model_weights');
  return new LstmdError(
    'model.refused',
    weightsOnly
      ? 'this file holds weights only, without the architecture: save the whole model with model.save("model.keras")'
      : 'this HDF5 file is not a Keras model: it has no attribute model_config; write one with model.save("model.keras")',
  );
}

/** Lists over HDF5's 64 kB limit for attributes are cut into `name0`, `name1` ... */
function list(file: Hdf5File, path: string, name: string): string[] | null {
  const whole = file.strings(path, name);
  if (whole !== null) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = file.strings(path, `${name}${i}`);
    if (part === null) return i === 0 ? null : parts;
    parts.push(...part);
  }
}

function weightStore(file: Hdf5File): WeightStore {
  const names = list(file, root, 'layer_names');
  if (names === null)
    throw new LstmdError('model.malformed', `group ${root} has no attribute layer_names`);
  const layers = new Map(names.map((name) => [name, weightsOf(file, `${root}/${name}`)]));
  return {
    layer(name): LayerWeights {
      const weights = layers.get(name) ?? [];
      return { next: () => weights.shift() };
    },
    unread: () => [...layers.values()].flat().map((weight) => weight.path),
  };
}

/** `weight_names` is in the order of the layer's own list; the datasets lie relative to the group. */
function weightsOf(file: Hdf5File, group: string): StoredWeight[] {
  return (list(file, group, 'weight_names') ?? []).map((name) => {
    const weight = file.numbers(`${group}/${name}`);
    if (weight === undefined)
      throw new LstmdError('model.malformed', `dataset ${group}/${name} is missing`);
    return weight;
  });
}
