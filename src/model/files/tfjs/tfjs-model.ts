import { LstmdError } from '../../../base/errors.js';
import { isObject, type JsonObject } from '../../../base/json.js';
import { layerNames } from '../keras/layer-entries.js';
import { KerasWeights } from '../keras/keras-weights.js';
import type { ModelSource, StoredWeight, WeightStore } from '../../source/model-source.js';
import { NamedWeights } from './named-weights.js';
import { kerasConfigOf } from './tfjs-config.js';
import { readManifest, decodeGroup } from './tfjs-manifest.js';

/** Returns whether JSON is the `model.json` of a TensorFlow.js model, a layers model or another. */
export function isTfjsModel(json: unknown): json is JsonObject {
  return isObject(json) && ('modelTopology' in json || 'weightsManifest' in json);
}

/**
 * Reads a TensorFlow.js layers model.
 *
 * @param model the content of `model.json`
 * @param shard reads a shard by its path in the manifest
 * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is of another kind
 */
export async function readTfjsModel(
  model: JsonObject,
  shard: (path: string) => Promise<Uint8Array>,
): Promise<ModelSource> {
  const topology = model['modelTopology'];
  if (model['format'] === 'graph-model' || (isObject(topology) && 'node' in topology)) {
    throw new LstmdError(
      'model.refused',
      'this is a TensorFlow.js graph model, in which the layers are no longer known: convert the Keras model itself, as a layers model, or write it with model.save("model.keras")',
    );
  }
  if (!isObject(topology)) {
    throw new LstmdError(
      'model.refused',
      'this model.json holds weights only, without the architecture: save the whole model',
    );
  }
  const architecture = kerasConfigOf(
    topology['model_config'] ?? topology['modelConfig'] ?? topology,
  );
  const weights: StoredWeight[] = [];
  for (const group of readManifest(model['weightsManifest'])) {
    const shards: Uint8Array[] = [];
    for (const path of group.paths) {
      shards.push(await shard(path));
    }
    weights.push(...decodeGroup(group, Buffer.concat(shards)));
  }
  return {
    container: 'TensorFlow.js',
    kerasVersion: versionText(topology['keras_version'] ?? topology['kerasVersion']),
    // Formulas and defaults of TensorFlow.js are those of Keras 2, whichever version was converted.
    kerasMajor: 2,
    architecture,
    weights: weightStore(weights, architecture),
  };
}

/** The converter writes the version of the Keras that saved the model; TensorFlow.js writes its own name. */
function versionText(version: unknown): string {
  if (typeof version !== 'string') {
    return '2';
  }
  return /^\d/.test(version) ? version : `2 (${version})`;
}

/** The path in the `.keras` archive names each weight, where a model of Keras 3 was converted. */
function weightStore(weights: readonly StoredWeight[], architecture: unknown): WeightStore {
  if (weights.some(({ path }) => /^layers\/.*\/vars\/\d+$/.test(path))) {
    return KerasWeights.of(weights);
  }
  return NamedWeights.of(weights, layerNames(architecture));
}
