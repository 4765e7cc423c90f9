import { LstmdError } from '../../../base/errors.js';
import type { LayerWeights, StoredWeight, WeightStore } from '../../source/model-source.js';

interface NamedWeight {
  /** From the model's own level on: `lstm/lstm_cell/kernel`. */
  readonly name: string;
  readonly weight: StoredWeight;
}

/**
 * Weights that belong to the layer whose name theirs begins with. Those of one layer are in its
 * own order, wherever in the list they stand: TensorFlow.js writes what was not trained (the moving
 * statistics of BatchNormalization) after all that was.
 */
export class NamedWeights implements WeightStore {
  readonly #unread: Set<StoredWeight>;
  readonly #layerNames: ReadonlySet<string>;
  readonly #byLayer: ReadonlyMap<string, NamedWeight[]>;
  readonly #outer: NamedWeights | undefined;

  private constructor(
    weights: readonly NamedWeight[],
    layerNames: ReadonlySet<string>,
    outer?: NamedWeights,
  ) {
    this.#unread =
      outer !== undefined ? outer.#unread : new Set(weights.map(({ weight }) => weight));
    this.#layerNames = layerNames;
    this.#byLayer = byLayer(weights, layerNames);
    this.#outer = outer;
  }

  /**
   * @param weights each with its name as path
   * @param layerNames of all layers of the model, at any depth
   * @throws LstmdError `model.malformed` when two weights have the same name
   */
  static of(weights: readonly StoredWeight[], layerNames: ReadonlySet<string>): NamedWeights {
    const names = new Set<string>();
    for (const { path } of weights) {
      if (names.has(path)) {
        throw new LstmdError('model.malformed', `two weights are named ${path}: whose is which?`);
      }
      names.add(path);
    }
    const named = weights.map((weight) => ({ name: weight.path, weight }));
    return new NamedWeights(named, layerNames);
  }

  layer(name: string): LayerWeights {
    const weights = this.#of(name);
    let taken = 0;
    return {
      next: () => {
        const weight = weights[taken]?.weight;
        taken += 1;
        if (weight !== undefined) {
          this.#unread.delete(weight);
        }
        return weight;
      },
      nested: () => {
        // TensorFlow.js leaves the outer names out, Keras may not.
        const inner = weights.map((one) => ({
          name: one.name.slice(name.length + 1),
          weight: one.weight,
        }));
        return new NamedWeights(inner, this.#layerNames, this);
      },
    };
  }

  unread(): string[] {
    return [...this.#unread].map(({ path }) => path);
  }

  #of(name: string): readonly NamedWeight[] {
    const own = this.#byLayer.get(name);
    if (own !== undefined || this.#outer === undefined) {
      return own ?? [];
    }
    return this.#outer.#of(name);
  }
}

/** A layer's name may hold slashes itself, and begin with another's: the longest one fits. */
function byLayer(
  weights: readonly NamedWeight[],
  layerNames: ReadonlySet<string>,
): Map<string, NamedWeight[]> {
  const groups = new Map<string, NamedWeight[]>();
  for (const one of weights) {
    let end = one.name.lastIndexOf('/');
    while (end > 0 && !layerNames.has(one.name.slice(0, end))) {
      end = one.name.lastIndexOf('/', end - 1);
    }
    if (end <= 0) {
      continue;
    }
    const layer = one.name.slice(0, end);
    const group = groups.get(layer);
    if (group === undefined) {
      groups.set(layer, [one]);
    } else {
      group.push(one);
    }
  }
  return groups;
}
