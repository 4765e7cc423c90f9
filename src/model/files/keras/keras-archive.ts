import { isObject } from '../../../base/json.js';
import type { ByteSource } from '../byte-source.js';
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
 * @throws LstmdError `model.malformed` when it is damaged, naming the member, `model.refused` when it is another kind of zip
 */
export async function readKerasArchive(
  file: ByteSource,
  signal?: AbortSignal,
): Promise<ModelSource> {
  const archive = new ZipArchive(file);
  const config = await text(archive, 'config.json', signal);
  const metadata = await text(archive, 'metadata.json', signal);
  const weights = await archive.member(weightsMember, { signal });
  if (weights === undefined) {
    throw unsupportedArchive(archive.names(), weightsMember);
  }
  const about = parseConfig(metadata, 'metadata.json');
  const kerasVersion = isObject(about) ? String(about['keras_version']) : '';
  const kerasMajor = kerasMajorOf(kerasVersion) === 3 ? 3 : 2;
  const written = parseConfig(config, 'config.json');
  const architecture = withCurrentClassNames(written);
  const compiled = isObject(written) ? written['compile_config'] : undefined;
  const { datasets } = await readWeights(weights, layerGroups, {
    label: `member ${weightsMember}: `,
    signal,
  });
  return {
    container: '.keras',
    kerasVersion,
    kerasMajor,
    architecture,
    weights: KerasWeights.of(datasets.values()),
    loss: isObject(compiled) ? compiled['loss'] : undefined,
  };
}

const weightsMember = 'model.weights.h5';

async function text(
  archive: ZipArchive,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const content = await archive.member(name, { maxBytes: maxConfigBytes, signal });
  if (content === undefined) {
    throw unsupportedArchive(archive.names(), name);
  }
  return content.view(0, content.size).toString('utf8');
}
