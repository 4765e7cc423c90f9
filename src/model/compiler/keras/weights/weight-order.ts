import { LstmdError } from '../../../../base/errors.js';
import type { StoredWeight } from '../../../source/model-source.js';
import { comparePlaces, type LayerPlace } from './layer-place.js';
import type { WeightLookup } from './weight-lookup.js';
import { sizeOf, WeightCursor } from './weight-cursor.js';

/** Weights that Keras never trains. */
const neverTrained: ReadonlySet<string> = new Set([
  'moving_mean',
  'moving_variance',
  'mean',
  'variance',
  'count',
  'vector_u',
]);

/** Floats of the largest weight for which memory is taken before the file's own is seen. */
const maxWeightFloats = 2 ** 24;

interface AskedLayer {
  readonly place: LayerPlace;
  /** Names of the weights in the order in which the layer asks for them. */
  readonly names: string[];
}

/**
 * Learns in which order a model's weights were written, where a file has them in one list without
 * names: Keras wrote those that were trained, layer by layer, and after them the others.
 *
 * The model is walked once with weights of zeros to see which layer asks for which weight; then
 * `divide` gives each layer its own.
 */
export class WeightOrder implements WeightLookup {
  readonly #asked = new Map<string, AskedLayer>();

  cursor(place: LayerPlace): WeightCursor {
    const isFirstUse = !this.#asked.has(place.path);
    const names: string[] = [];
    if (isFirstUse) {
      this.#asked.set(place.path, { place, names });
    }
    return new WeightCursor({
      next: ({ label, path, name, shape }) => {
        names.push(name);
        const size = sizeOf(shape);
        if (size > maxWeightFloats) {
          throw new LstmdError(
            'model.malformed',
            `${label}: weight ${path} of shape (${shape.join(', ')}) is larger than any file`,
          );
        }
        return { path, shape, type: 'float32', data: new Float32Array(size) };
      },
      nested: () => undefined,
    });
  }

  /**
   * @param next gives the weights in the order of the list
   * @returns the weights of each layer, by its path, in the order in which the layer asks for them
   */
  divide(next: () => StoredWeight | undefined): Map<string, StoredWeight[]> {
    const layers = [...this.#asked.values()].sort((a, b) => comparePlaces(a.place, b.place));
    const byLayer = new Map(
      layers.map(({ place }) => [place.path, new Map<number, StoredWeight>()]),
    );
    for (const trained of [true, false]) {
      for (const { place, names } of layers) {
        for (const [i, name] of names.entries()) {
          if ((place.trainable && !neverTrained.has(name)) !== trained) {
            continue;
          }
          const weight = next();
          if (weight !== undefined) {
            byLayer.get(place.path)?.set(i, weight);
          }
        }
      }
    }
    return new Map(
      [...byLayer].map(([path, weights]) => [
        path,
        [...weights].sort(([a], [b]) => a - b).map(([, weight]) => weight),
      ]),
    );
  }
}
