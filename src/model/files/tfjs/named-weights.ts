import { LstmdError } from '../../../base/errors.js';
import type { LayerWeights, StoredWeight, WeightStore } from '../../source/model-source.js';

interface NamedWeight {
  /** Relative to the model: `lstm/lstm_cell/kernel`. */
  readonly name: string;
  readonly weight: StoredWeight;
}

/**
 * Weights each of which belongs to the layer that its name begins with. Those of one layer are in
 * the layer's own order, though other weights may stand between them: TensorFlow.js writes weights
 * that were not trained (the moving statistics of BatchNormalization) after all that were.
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
    this.#byLayer = groupByLayer(weights, layerNames);
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
        throw new LstmdError(
          'model.malformed',
          `two weights are named ${path}, so that neither can be told from the other`,
        );
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
        // Keras may put the outer layer's name in front; where it does not, `#outer` finds the weights.
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

/** Groups weights by layer. A layer's name may hold slashes and begin with another's: the longest one counts. */
function groupByLayer(
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
