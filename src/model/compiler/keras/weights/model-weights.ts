import type { LayerWeights, StoredWeight, WeightStore } from '../../../source/model-source.js';
import type { Topology } from '../graph/topology.js';
import type { LayerPlace } from './layer-place.js';
import { WeightCursor, type WeightSupply } from './weight-cursor.js';
import type { WeightLookup } from './weight-lookup.js';
import type { WeightOrder } from './weight-order.js';

/** The weights of all layers by their paths, however deeply nested. */
export class ModelWeights implements WeightLookup {
  readonly #supplies = new Map<string, WeightSupply>();
  readonly #cursors = new Map<string, WeightCursor>();
  readonly #located = new Set<string>();
  /** Paths of the models whose list of weights was divided among all layers inside of them. */
  readonly #divided: string[] = [];

  cursor({ path }: LayerPlace): WeightCursor {
    const cursor =
      this.#cursors.get(path) ?? new WeightCursor(this.#supplies.get(path) ?? noWeights);
    this.#cursors.set(path, cursor);
    cursor.rewind();
    return cursor;
  }

  /** Returns whether the weights of the layers of the model at `place` are known. */
  isLocated({ path }: LayerPlace): boolean {
    return (
      this.#located.has(path) ||
      this.#divided.some((divided) => path === divided || path.startsWith(`${divided}/`))
    );
  }

  /** Asks the store for the weights of a model's layers, in the order of the configuration. */
  locate({ path }: LayerPlace, { layers }: Topology, store: WeightStore): void {
    this.#located.add(path);
    for (const { name, className, isOperation } of layers) {
      if (!isOperation) {
        const inside = path === '' ? name : `${path}/${name}`;
        this.#supplies.set(inside, supplyFrom(store.layer(name, savedName(className))));
      }
    }
  }

  /** Divides a model's weights, which the file has in one list, among the layers that ask for them. */
  divide({ path }: LayerPlace, order: WeightOrder, next: () => StoredWeight | undefined): void {
    this.#divided.push(path);
    for (const [layerPath, weights] of order.divide(next)) {
      this.#supplies.set(layerPath, supplyFrom({ next: () => weights.shift() }));
    }
  }
}

function supplyFrom(weights: LayerWeights): WeightSupply {
  return {
    next: ({ part }) => weights.next(part),
    nested: (part) => weights.nested?.(part),
  };
}

const noWeights = supplyFrom({ next: () => undefined });

/** The name that a class has in Keras' source, where it is not the one that Keras exports. */
function savedName(className: string): string {
  return className === 'GroupQueryAttention' ? 'GroupedQueryAttention' : className;
}
