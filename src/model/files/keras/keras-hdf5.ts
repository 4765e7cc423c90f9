import { LstmdError } from '../../../base/errors.js';
import { isObject } from '../../../base/json.js';
import type { ByteSource } from '../byte-source.js';
import { parseConfig } from './config-text.js';
import type { Hdf5Content } from '../hdf5/hdf5-content.js';
import { readWeights } from './hdf5-weights.js';
import { withCurrentClassNames } from './class-names.js';
import { kerasMajorOf } from './keras-version.js';
import { keras1Config, keras2Config } from './legacy-config.js';
import { convertWeights, type WeightDialect } from './legacy-weights.js';
import { layerEntries } from './layer-entries.js';
import type {
  LayerWeights,
  ModelSource,
  StoredWeight,
  WeightStore,
} from '../../source/model-source.js';

/**
 * Reads a legacy `.h5` file: `model_config` and `keras_version` as attributes of the root, weights
 * in the group `model_weights`.
 *
 * @param signal ends the reading, which then throws its reason
 * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is no whole Keras model
 */
export async function readKerasHdf5(file: ByteSource, signal?: AbortSignal): Promise<ModelSource> {
  const content = await readWeights(file, [weightsGroup], { signal });
  const config = text(content, 'model_config');
  if (config === undefined) {
    throw notAModel(content);
  }
  // Keras 1 did not write its version.
  const kerasVersion = text(content, 'keras_version') ?? '1';
  const major = kerasMajorOf(kerasVersion);
  const written = parseConfig(config, 'attribute model_config');
  const architecture =
    major === 1
      ? keras1Config(written)
      : major === 2
        ? keras2Config(written)
        : withCurrentClassNames(written);
  const dialect = { isKeras1: major === 1, isTheano: text(content, 'backend') === 'theano' };
  return {
    container: '.h5',
    kerasVersion,
    kerasMajor: major === 3 ? 3 : 2,
    architecture,
    weights: weightStore(content, layerEntries(architecture), dialect),
    loss: lossOf(content),
  };
}

const weightsGroup = 'model_weights';

/** A string attribute of the root. */
function text(content: Hdf5Content, name: string): string | undefined {
  return content.attributes.get('/')?.get(name)?.[0];
}

/** The loss of a model that was compiled. What is no JSON is no evidence, and no reason to refuse the model. */
function lossOf(content: Hdf5Content): unknown {
  const training = text(content, 'training_config');
  if (training === undefined) {
    return undefined;
  }
  try {
    const parsed = parseConfig(training, 'attribute training_config');
    return isObject(parsed) ? parsed['loss'] : undefined;
  } catch {
    return undefined;
  }
}

const weightGroupName = /^(model_weights|layers|_layer_checkpoint_dependencies)([/\\]|$)/;

/** The error for HDF5 that is not a whole model: it names what the file is and what to do. */
function notAModel(content: Hdf5Content): LstmdError {
  const what =
    content.attributes.get('/')?.has('layer_names') === true ||
    content.names.some((name) => weightGroupName.test(name))
      ? 'this file holds weights only, without the architecture: save the whole model with model.save("model.keras")'
      : content.names.some((name) => /^states_\d+_\d+$/.test(name))
        ? 'this file holds the state of a model, not the model: it is read with --state-in'
        : 'this HDF5 file is not a Keras model: it has no attribute model_config; write one with model.save("model.keras")';
  return new LstmdError('model.refused', what);
}

/** A list of strings. Keras cuts one over HDF5's limit of 64 kB for an attribute into `name0`, `name1` and so on. */
function list(content: Hdf5Content, path: string, name: string): readonly string[] | undefined {
  const attributes = content.attributes.get(path);
  const whole = attributes?.get(name);
  if (whole !== undefined) {
    return whole;
  }
  const parts: string[] = [];
  for (let i = 0; ; i += 1) {
    const part = attributes?.get(`${name}${i}`);
    if (part === undefined) {
      return i === 0 ? undefined : parts;
    }
    parts.push(...part);
  }
}

function weightStore(
  content: Hdf5Content,
  entries: ReadonlyMap<string, unknown>,
  dialect: WeightDialect,
): WeightStore {
  const names = list(content, weightsGroup, 'layer_names');
  if (names === undefined) {
    throw new LstmdError('model.malformed', `group ${weightsGroup} has no attribute layer_names`);
  }
  const layers = new Map(
    names.map((name) => {
      const weights = weightsOf(content, `${weightsGroup}/${name}`);
      return [name, [...convertWeights(entries.get(name), weights, dialect)]];
    }),
  );
  return {
    layer(name): LayerWeights {
      const weights = layers.get(name) ?? [];
      return { next: () => weights.shift() };
    },
    unread: () => [...layers.values()].flat().map((weight) => weight.path),
  };
}

/** The weights of a layer. `weight_names` has them in the layer's order, with paths relative to the group. */
function weightsOf(content: Hdf5Content, group: string): StoredWeight[] {
  return (list(content, group, 'weight_names') ?? []).map((name) => {
    const weight = content.datasets.get(`${group}/${name}`);
    if (weight === undefined) {
      throw new LstmdError('model.malformed', `dataset ${group}/${name} is missing`);
    }
    return weight;
  });
}
