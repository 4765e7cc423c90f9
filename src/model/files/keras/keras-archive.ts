import { isObject } from '../../../base/json.js';
import { unsupportedArchive } from '../unsupported-format.js';
import { readWeights } from './hdf5-weights.js';
import { maxConfigBytes, parseConfig } from './config-text.js';
import { withCurrentClassNames } from './class-names.js';
import { kerasMajorOf } from './keras-version.js';
import { KerasWeights, layerGroups } from './keras-weights.js';
import type { ModelSource } from '../../source/model-source.js';
import { ZipArchive } from './zip.js';

/**
 * Reads a `.keras` archive: `metadata.json`, `config.json`, `model.weights.h5`.
 *
 * @param signal ends the reading, which then throws its reason
 * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is another kind of zip
 */
export async function readKerasArchive(
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<ModelSource> {
  const archive = new ZipArchive(bytes);
  const config = text(archive, 'config.json');
  const metadata = text(archive, 'metadata.json');
  const weights = archive.read('model.weights.h5');
  if (weights === undefined) {
    throw unsupportedArchive(archive.names(), 'model.weights.h5');
  }
  const { datasets } = await readWeights(weights, layerGroups, signal);
  const about = parseConfig(metadata, 'metadata.json');
  const kerasVersion = isObject(about) ? String(about['keras_version']) : '';
  return {
    container: '.keras',
    kerasVersion,
    kerasMajor: kerasMajorOf(kerasVersion) === 3 ? 3 : 2,
    architecture: withCurrentClassNames(parseConfig(config, 'config.json')),
    weights: KerasWeights.of(datasets.values()),
  };
}

function text(archive: ZipArchive, name: string): string {
  const content = archive.read(name, maxConfigBytes);
  if (content === undefined) {
    throw unsupportedArchive(archive.names(), name);
  }
  return Buffer.from(content).toString('utf8');
}
