import type { StoredWeight, WeightStore } from '../../../source/model-source.js';
import type { LayerSummary } from '../../../plan/stream-plan.js';

/** One weight that a layer asks for. */
export interface WeightRequest {
  /** The layer as messages name it. */
  readonly label: string;
  /** Path of the weight in the model: the layer's path and the weight's name. */
  readonly path: string;
  /** As people know it, e.g. `recurrent_kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Part of the layer that owns it, e.g. `cell`; empty for the layer itself. */
  readonly part: string;
}

/** The source of the weights of one layer. */
export interface WeightSupply {
  /** @returns the next weight of the request's part; undefined where there is none left */
  next(request: WeightRequest): StoredWeight | undefined;
  /** @returns the weights of the model that is this part of the layer; undefined where the file has no names for them */
  nested(part: string): WeightStore | undefined;
}

/**
 * Gives one layer its weights. A model is walked several times, and each walk reads the same weights:
 * what the supply gave once is kept, and given again after `rewind`.
 */
export class WeightCursor {
  readonly #given: { readonly name: string; readonly weight: StoredWeight }[] = [];
  #position = 0;

  readonly supply: WeightSupply;

  constructor(supply: WeightSupply) {
    this.supply = supply;
  }

  /** Begins again at the layer's first weight. */
  rewind(): void {
    this.#position = 0;
  }

  /** @returns a function that goes back to where it stands now */
  mark(): () => void {
    const position = this.#position;
    return () => {
      this.#position = position;
    };
  }

  /** @returns the layer's next weight; undefined where there is none left */
  next(request: WeightRequest): StoredWeight | undefined {
    const again = this.#given[this.#position];
    this.#position += 1;
    if (again !== undefined) {
      return again.weight;
    }
    const weight = this.supply.next(request);
    if (weight !== undefined) {
      this.#given.push({ name: request.path, weight });
    }
    return weight;
  }

  summary(): Pick<LayerSummary, 'weights' | 'parameters'> {
    const weights = this.#given.map(({ name, weight }) => ({ name, shape: weight.shape }));
    const parameters = this.#given.reduce((sum, { weight }) => sum + sizeOf(weight.shape), 0);
    return { weights, parameters };
  }
}

/** Numbers in an array of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
