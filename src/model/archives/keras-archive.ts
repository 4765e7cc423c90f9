import { LstmdError } from '../../errors.js';
import { isObject } from '../json.js';
import { readHdf5, type Hdf5Content } from './hdf5.js';
import { parseConfig } from './config-text.js';
import { kerasMajorOf } from './keras-version.js';
import type { LayerWeights, ModelSource, StoredWeight, WeightStore } from './model-source.js';
import { ZipArchive } from './zip.js';

/**
 * Reads a `.keras` archive: `metadata.json`, `config.json`, `model.weights.h5`.
 *
 * @throws LstmdError `model.malformed` when it is damaged, `model.refused` when it is another kind of zip
 */
export async function readKerasArchive(bytes: Uint8Array): Promise<ModelSource> {
  const archive = new ZipArchive(bytes);
  const config = text(archive, 'config.json');
  const metadata = text(archive, 'metadata.json');
  const weights = archive.read('model.weights.h5');
  if (weights === undefined) throw notKeras(archive, 'model.weights.h5');
  const about = parseConfig(metadata, 'metadata.json');
  const kerasVersion = isObject(about) ? String(about['keras_version']) : '';
  return {
    container: '.keras',
    kerasVersion,
    kerasMajor: kerasMajorOf(kerasVersion),
    architecture: parseConfig(config, 'config.json'),
    weights: new KerasWeights(weightsOf(await readHdf5(weights, groups)), ''),
  };
}

function text(archive: ZipArchive, name: string): string {
  const content = archive.read(name);
  if (content === undefined) throw notKeras(archive, name);
  return Buffer.from(content).toString('utf8');
}

function notKeras(archive: ZipArchive, missing: string): LstmdError {
  const pickled = archive.names().some((name) => /(^|\/)data\.pkl$/.test(name));
  return new LstmdError(
    'model.refused',
    pickled
      ? 'this is a PyTorch file, not a Keras model'
      : `this zip archive is not a Keras model: it has no ${missing}; write one with model.save("model.keras")`,
  );
}

/**
 * Layers lie at `<group>/<snake_case(class)>[_n]`, n counting the layers of that class in order
 * (keras/src/saving/saving_lib.py, `_save_container_state`).
 */
const current = 'layers';
const groups = [current, '_layer_checkpoint_dependencies'] as const;

function weightsOf(content: Hdf5Content): Map<string, StoredWeight> {
  const weights = new Map<string, StoredWeight>();
  for (const [path, weight] of content.datasets) {
    // Keras 2 on Windows joined paths with backslashes.
    const key = path.replaceAll('\\', '/');
    if (!key.includes('seed_generator/')) weights.set(key, weight);
  }
  return weights;
}

/** The layers of one model; those of a model inside of it lie under the path of that layer. */
class KerasWeights implements WeightStore {
  readonly #unread: Map<string, StoredWeight>;
  readonly #group: string;
  readonly #places: readonly string[];
  readonly #seen = new Map<string, number>();

  /**
   * @param unread by path; what is read is taken out
   * @param base path of the model in the file, empty or ending in a slash
   */
  constructor(unread: Map<string, StoredWeight>, base: string) {
    const keys = [...unread.keys()];
    const group = groups.find((one) => keys.some((key) => key.startsWith(`${base}${one}/`)));
    this.#unread = unread;
    this.#group = `${base}${group ?? current}/`;
    this.#places = [
      ...new Set(
        keys
          .filter((key) => key.startsWith(this.#group))
          .map((key) => key.slice(this.#group.length).split('/', 1)[0] ?? ''),
      ),
    ];
  }

  layer(_name: string, className: string): LayerWeights {
    const base = snakeCase(className);
    const ordinal = this.#seen.get(base) ?? 0;
    this.#seen.set(base, ordinal + 1);
    const numbered = ordinal === 0 ? base : `${base}_${ordinal}`;
    const isCurrent = this.#group.endsWith(`${current}/`);
    const layerPlace = `${this.#group}${isCurrent ? numbered : this.#ofClass(base)[ordinal]}/`;
    const inner = (place: string): string => `${layerPlace}${place === '' ? '' : `${place}/`}`;
    const next = new Map<string, number>();
    return {
      next: (place) => {
        const index = next.get(place) ?? 0;
        next.set(place, index + 1);
        const key = `${inner(place)}vars/${index}`;
        const weight = this.#unread.get(key);
        this.#unread.delete(key);
        return weight;
      },
      nested: (place) => new KerasWeights(this.#unread, inner(place)),
    };
  }

  unread(): string[] {
    return [...this.#unread.values()].map((weight) => weight.path);
  }

  /** TF 2.12 counted some layers twice (`lstm`, `lstm_2`, `lstm_4`), so there the order decides. */
  #ofClass(base: string): string[] {
    const number = (place: string) => Number(place.slice(base.length + 1));
    return this.#places
      .filter((place) => place === base || new RegExp(`^${base}_\\d+$`).test(place))
      .sort((a, b) => number(a) - number(b));
  }
}

/** keras/src/utils/naming.py, `to_snake_case`. */
export function snakeCase(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
