import type { LayerWeights, StoredWeight, WeightStore } from '../../files/model-source.js';
import { WeightShelf } from './layer-builder/weight-reader.js';
import type { Topology } from './graph/topology.js';

/** Where a layer stands in the model. */
export interface LayerPlace {
  /** `outer/inner` when nested. */
  readonly path: string;
  /** Indices in the configuration, from the outermost model inwards. */
  readonly order: readonly number[];
  /** Whether it was trained, and all the models around it. */
  readonly trainable: boolean;
}

/** The weights of all layers by their paths, however deep; each pass over the model reads them anew. */
export class ModelWeights {
  readonly #stored = new Map<string, LayerWeights>();
  readonly #shelves = new Map<string, WeightShelf>();
  readonly #found = new Set<string>();
  readonly #dealt: string[] = [];

  /** The weights of one layer, from its first on. */
  shelf({ path }: LayerPlace): WeightShelf {
    const shelf = this.#shelves.get(path) ?? new WeightShelf(this.#stored.get(path) ?? noWeights);
    this.#shelves.set(path, shelf);
    shelf.at = 0;
    return shelf;
  }

  /** @param model path of a model, empty or ending in a slash */
  hasFound(model: string): boolean {
    return this.#found.has(model) || this.#dealt.some((path) => model.startsWith(path));
  }

  /** Finds a model's layers, whose places Keras numbers in the order of the configuration. */
  find(model: string, { layers }: Topology, store: WeightStore): void {
    this.#found.add(model);
    for (const { name, className, isOperation } of layers) {
      if (!isOperation) {
        this.#stored.set(model + name, store.layer(name, className));
      }
    }
  }

  /** Deals a model's weights, which the file has in one list, to those who will ask for them. */
  deal(model: string, census: WeightCensus, next: () => StoredWeight | undefined): void {
    this.#dealt.push(model);
    for (const [path, weights] of census.deal(next)) {
      this.#stored.set(path, { next: () => weights.shift() });
    }
  }
}

const noWeights: LayerWeights = { next: () => undefined };

/** Weights that Keras never trains. */
const untrained = new Set(['moving_mean', 'moving_variance', 'mean', 'variance', 'count']);

/** Stands in for the weights while a model is walked to see who asks for which. */
export class WeightCensus {
  readonly #asked = new Map<string, { readonly layer: LayerPlace; readonly names: string[] }>();

  /** Weights of zeros; what is asked for is noted. */
  shelf(layer: LayerPlace): WeightShelf {
    const asked = this.#asked.get(layer.path);
    if (asked !== undefined) {
      return new WeightShelf(() => {});
    }
    const names: string[] = [];
    this.#asked.set(layer.path, { layer, names });
    return new WeightShelf((name) => names.push(name));
  }

  /** By layer, out of a list that has first what was trained, layer by layer, then the rest. */
  deal(next: () => StoredWeight | undefined): Map<string, StoredWeight[]> {
    const layers = [...this.#asked.values()].sort((a, b) => compare(a.layer.order, b.layer.order));
    const hands = new Map(layers.map(({ layer }) => [layer.path, new Map<number, StoredWeight>()]));
    for (const trained of [true, false]) {
      for (const { layer, names } of layers) {
        for (const [i, name] of names.entries()) {
          if ((layer.trainable && !untrained.has(name)) !== trained) {
            continue;
          }
          const weight = next();
          if (weight !== undefined) {
            hands.get(layer.path)?.set(i, weight);
          }
        }
      }
    }
    return new Map(
      [...hands].map(([path, hand]) => [
        path,
        [...hand].sort(([a], [b]) => a - b).map(([, weight]) => weight),
      ]),
    );
  }
}

/** Of two places in nested lists, which comes first. */
export function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, index] of a.entries()) {
    const difference = index - (b[i] ?? -1);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}
