import { snakeCase } from '../../../base/snake-case.js';
import type { LayerWeights, StoredWeight, WeightStore } from '../../source/model-source.js';

/*
 * Layers lie at `<group>/<snake_case(class)>[_n]`, n counting the layers of that class in order
 * (keras/src/saving/saving_lib.py, `_save_container_state`).
 */

const currentGroup = 'layers';
/** Groups that may hold the layers; TF 2.12 and 2.13 wrote the second. */
export const layerGroups = [currentGroup, '_layer_checkpoint_dependencies'] as const;

/** The weights of one model in a `.keras` archive. A nested model's lie below the path of its layer. */
export class KerasWeights implements WeightStore {
  readonly #unread: Map<string, StoredWeight>;
  readonly #group: string;
  /** Names of the layers' own groups in it. */
  readonly #layerNames: readonly string[];
  readonly #seen = new Map<string, number>();

  /**
   * @param unread weights by path; those that are read are taken out
   * @param base path of the model, empty or ending in a slash
   */
  private constructor(unread: Map<string, StoredWeight>, base: string) {
    const keys = [...unread.keys()];
    const group = layerGroups.find((one) => keys.some((key) => key.startsWith(`${base}${one}/`)));
    this.#unread = unread;
    this.#group = `${base}${group ?? currentGroup}/`;
    this.#layerNames = [
      ...new Set(
        keys
          .filter((key) => key.startsWith(this.#group))
          .map((key) => key.slice(this.#group.length).split('/', 1)[0] ?? ''),
      ),
    ];
  }

  /** @param weights of the file; those of the optimizer and of random generators are left out */
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
    const isCurrent = this.#group.endsWith(`${currentGroup}/`);
    const layerGroup = `${this.#group}${isCurrent ? numbered : this.#layerNamesOf(base)[ordinal]}/`;
    const groupOf = (part: string): string => `${layerGroup}${part === '' ? '' : `${part}/`}`;
    const next = new Map<string, number>();
    if (className === 'SpectralNormalization') {
      // Its first variable is the kernel of the layer inside of it, which stands there too.
      this.#unread.delete(`${layerGroup}vars/0`);
      next.set('', 1);
    }
    return {
      next: (part) => {
        const index = next.get(part) ?? 0;
        next.set(part, index + 1);
        const key = `${groupOf(part)}vars/${index}`;
        const weight = this.#unread.get(key);
        this.#unread.delete(key);
        return weight;
      },
      nested: (part) => new KerasWeights(this.#unread, groupOf(part)),
    };
  }

  unread(): string[] {
    return [...this.#unread.values()].map((weight) => weight.path);
  }

  /**
   * The names of the groups of a class's layers, in order. TF 2.12 counted some layers twice (`lstm`, `lstm_2`,
   * `lstm_4`), so that the number alone does not say which layer it is.
   */
  #layerNamesOf(base: string): string[] {
    const number = (name: string) => Number(name.slice(base.length + 1));
    return this.#layerNames
      .filter((name) => name === base || new RegExp(`^${base}_\\d+$`).test(name))
      .sort((a, b) => number(a) - number(b));
  }
}
