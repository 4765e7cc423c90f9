import type { LayerPlace } from './layer-place.js';
import type { WeightCursor } from './weight-cursor.js';

/** Gives a walk over a model the weights of each layer. */
export interface WeightLookup {
  /** The weights of one layer, from its first on. */
  cursor(place: LayerPlace): WeightCursor;
}
