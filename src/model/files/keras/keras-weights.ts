import { snakeCase } from '../../../base/snake-case.js';
import type { LayerWeights, StoredWeight, WeightStore } from '../../source/model-source.js';

/**
 * Layers lie at `<group>/<snake_case(class)>[_n]`, n counting the layers of that class in order
 * (keras/src/saving/saving_lib.py, `_save_container_state`).
 */
const current = 'layers';
export const layerGroups = [current, '_layer_checkpoint_dependencies'] as const;

/** The layers of one model; those of a model inside of it lie under the path of that layer. */
export class KerasWeights implements WeightStore {
  readonly #unread: Map<string, StoredWeight>;
  readonly #group: string;
  readonly #places: readonly string[];
  readonly #seen = new Map<string, number>();

  /** @param unread by path; what is read is taken out */
  private constructor(unread: Map<string, StoredWeight>, base: string) {
    const keys = [...unread.keys()];
    const group = layerGroups.find((one) => keys.some((key) => key.startsWith(`${base}${one}/`)));
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

  /** @param weights of the file; those of the optimizer and the state of random numbers are no layer's */
  static of(weights: Iterable<StoredWeight>): KerasWeights {
    const unread = new Map<string, StoredWeight>();
    for (const weight of weights) {
      // Keras 2 on Windows joined paths with backslashes.
      const key = weight.path.replaceAll('\\', '/');
      const isOfLayer = layerGroups.some((group) => key.startsWith(`${group}/`));
      if (isOfLayer && !key.includes('seed_generator/')) {
        unread.set(key, weight);
      }
    }
    return new KerasWeights(unread, '');
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
