import type { LayerEntry } from '../graph/layer-entry.js';

/** The position of a layer in the model. */
export interface LayerPlace {
  /** `outer/inner` when nested. */
  readonly path: string;
  /** Indices in the configuration, from the outermost model inwards. */
  readonly order: readonly number[];
  /** True when neither the layer nor a model around it was frozen. */
  readonly trainable: boolean;
}

/** The place of the model that the file holds. */
export const outermost: LayerPlace = { path: '', order: [], trainable: true };

/**
 * The place of a layer inside of another or of a model.
 *
 * @param index among the layers of `outer`, in the order of the configuration
 */
export function placeInside(
  outer: LayerPlace,
  { name, config }: LayerEntry,
  index: number,
): LayerPlace {
  return {
    path: outer.order.length === 0 ? name : `${outer.path}/${name}`,
    order: [...outer.order, index],
    trainable: outer.trainable && config['trainable'] !== false,
  };
}

/** Sorts places in the order of the configuration, an outer one before those inside of it. */
export function comparePlaces({ order: a }: LayerPlace, { order: b }: LayerPlace): number {
  for (const [i, index] of a.entries()) {
    const difference = index - (b[i] ?? -1);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}
