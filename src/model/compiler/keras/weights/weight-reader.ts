import { LstmdError } from '../../../../base/errors.js';
import type { LayerWeights, StoredWeight, WeightStore } from '../../../files/model-source.js';
import type { LayerSummary } from '../../../plan/stream-plan.js';

/** Notes which weights a layer asks for, before there are any to give. */
export type WeightCensus = (name: string) => void;

/** Floats of the largest weight of a model in a model, for which there must be room before it is read. */
const largestWeight = 2 ** 24;

/** The weights of one layer, which may be asked for several times: each pass reads them anew. */
export class WeightShelf {
  readonly taken: { readonly path: string; readonly weight: StoredWeight }[] = [];
  /** Weights that this reading has taken so far. */
  at = 0;

  readonly stored: LayerWeights | WeightCensus;

  constructor(stored: LayerWeights | WeightCensus) {
    this.stored = stored;
  }

  summary(): Pick<LayerSummary, 'weights' | 'parameters'> {
    return {
      weights: this.taken.map(({ path, weight }) => ({ name: path, shape: weight.shape })),
      parameters: this.taken.reduce((sum, { weight }) => sum + product(weight.shape), 0),
    };
  }
}

/** Takes a layer's weights in the order in which Keras wrote them, checking each. */
export class WeightReader {
  readonly #path: string;
  readonly #label: string;
  readonly #shelf: WeightShelf;
  readonly #place: string;

  constructor(path: string, label: string, shelf: WeightShelf, place = '') {
    this.#path = path;
    this.#label = label;
    this.#shelf = shelf;
    this.#place = place;
  }

  /** For a part of the layer. */
  part(name: string, label: string, place: string): WeightReader {
    return new WeightReader(`${this.#path}/${name}`, label, this.#shelf, join(this.#place, place));
  }

  /** The weights of the model that lies at `place`, where the file has names for them. */
  nested(place: string): WeightStore | undefined {
    const { stored } = this.#shelf;
    return typeof stored === 'function' ? undefined : stored.nested?.(join(this.#place, place));
  }

  /** The next weight, whatever it is. */
  next(place: string): StoredWeight | undefined {
    const { stored } = this.#shelf;
    return typeof stored === 'function' ? undefined : stored.next(join(this.#place, place));
  }

  summary(): Pick<LayerSummary, 'weights' | 'parameters'> {
    return this.#shelf.summary();
  }

  /**
   * The next weight.
   *
   * @param name as people know it, e.g. `recurrent_kernel`
   * @param place part of the layer that owns it, e.g. `cell`; empty for the layer itself
   * @throws LstmdError `model.malformed` when it is missing, of another shape, or not finite
   */
  take(name: string, shape: readonly number[], place = ''): Float32Array {
    return this.takeOneOf(name, [shape], place).data;
  }

  /** As `take`, for a weight whose shape tells how the layer is made. */
  takeOneOf(name: string, shapes: readonly (readonly number[])[], place = ''): StoredWeight {
    const path = `${this.#path}/${name}`;
    const expected = shapes.map((shape) => `(${shape.join(', ')})`).join(' or ');
    const weight = this.#next(path, name, shapes[0] ?? [], place);
    if (weight === undefined) {
      throw this.#malformed(`weight ${path} of shape ${expected} is missing`);
    }
    if (!shapes.some((shape) => isSame(shape, weight.shape))) {
      throw this.#malformed(
        `weight ${path} should have shape ${expected}, but ${weight.path} has (${weight.shape.join(', ')})`,
      );
    }
    if (!weight.type.includes('float') || weight.data.length !== product(weight.shape)) {
      throw new LstmdError(
        'model.refused',
        `${this.#label}: weight ${path} holds ${weight.type} numbers, not floats`,
      );
    }
    if (!weight.data.every((value) => Number.isFinite(value))) {
      throw this.#malformed(`weight ${path} holds Number.NaN or Inf: the training went wrong`);
    }
    return weight;
  }

  /** Passes over a weight that changes nothing in what is computed, if it is there. */
  skip(name: string): void {
    this.#next(`${this.#path}/${name}`, name, [], '');
  }

  #next(
    path: string,
    name: string,
    shape: readonly number[],
    place: string,
  ): StoredWeight | undefined {
    const shelf = this.#shelf;
    const again = shelf.taken[shelf.at];
    shelf.at += 1;
    if (again !== undefined) {
      return again.weight;
    }
    const { stored } = shelf;
    let weight: StoredWeight | undefined;
    if (typeof stored === 'function') {
      stored(name);
      const size = product(shape);
      if (size > largestWeight) {
        throw this.#malformed(
          `weight ${path} of shape (${shape.join(', ')}) is larger than any file`,
        );
      }
      weight = { path, shape, type: 'float32', data: new Float32Array(size) };
    } else {
      weight = stored.next(join(this.#place, place));
    }
    if (weight !== undefined) {
      shelf.taken.push({ path, weight });
    }
    return weight;
  }

  #malformed(reason: string): LstmdError {
    return new LstmdError('model.malformed', `${this.#label}: ${reason}`);
  }
}

function join(outer: string, inner: string): string {
  return outer === '' || inner === '' ? outer + inner : `${outer}/${inner}`;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
