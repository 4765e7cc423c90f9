import { LstmdError } from '../../../../base/errors.js';
import type { LayerSummary } from '../../../plan/stream-plan.js';
import type { StoredWeight, WeightStore } from '../../../source/model-source.js';
import { sizeOf, type WeightCursor, type WeightRequest } from './weight-cursor.js';

/** Takes a layer's weights in the order in which Keras wrote them, checking each. */
export class WeightReader {
  readonly #path: string;
  readonly #label: string;
  readonly #cursor: WeightCursor;
  readonly #part: string;

  /**
   * @param path of the layer
   * @param label the layer as messages name it
   * @param part the part of the layer that is read, e.g. `forward_layer`; empty for the layer itself
   */
  constructor(path: string, label: string, cursor: WeightCursor, part = '') {
    this.#path = path;
    this.#label = label;
    this.#cursor = cursor;
    this.#part = part;
  }

  /** A reader for a layer that is part of this one and has its weights in its part `part`. */
  part(name: string, label: string, part: string): WeightReader {
    return new WeightReader(`${this.#path}/${name}`, label, this.#cursor, this.#at(part));
  }

  /** The weights of the model that is the part `part` of the layer; undefined where the file has no names for them. */
  nested(part: string): WeightStore | undefined {
    return this.#cursor.supply.nested(this.#at(part));
  }

  /** The next weight of `part`, unchecked, for a caller that divides a list of weights among several layers. */
  nextUnchecked(part: string): StoredWeight | undefined {
    return this.#cursor.supply.next(this.#request('', [], part));
  }

  /** @returns a function that goes back to the weight that is the next one now, for a layer that is built again */
  mark(): () => void {
    return this.#cursor.mark();
  }

  summary(): Pick<LayerSummary, 'weights' | 'parameters'> {
    return this.#cursor.summary();
  }

  /**
   * The numbers of the next weight.
   *
   * @param name as people know it, e.g. `recurrent_kernel`
   * @param part the part of the layer that owns it, e.g. `cell`; empty for the layer itself
   * @throws LstmdError `model.malformed` when it is missing, of another shape, or not finite,
   *   `model.refused` when it holds no floats
   */
  take(name: string, shape: readonly number[], part = ''): Float32Array {
    return this.takeOneOf(name, [shape], part).data;
  }

  /** As `take`, for a weight whose shape tells how the layer is made. */
  takeOneOf(name: string, shapes: readonly (readonly number[])[], part = ''): StoredWeight {
    const path = `${this.#path}/${name}`;
    const expected = shapes.map((shape) => `(${shape.join(', ')})`).join(' or ');
    const weight = this.#next(name, shapes[0] ?? [], part);
    if (weight === undefined) {
      throw this.#malformed(`weight ${path} of shape ${expected} is missing`);
    }
    if (!shapes.some((shape) => isSameShape(shape, weight.shape))) {
      throw this.#malformed(
        `weight ${path} should have shape ${expected}, but ${weight.path} has (${weight.shape.join(', ')})`,
      );
    }
    if (!weight.type.includes('float') || weight.data.length !== sizeOf(weight.shape)) {
      throw new LstmdError(
        'model.refused',
        `${this.#label}: weight ${path} holds ${weight.type} numbers, not floats`,
      );
    }
    if (!weight.data.every((value) => Number.isFinite(value))) {
      throw this.#malformed(`weight ${path} holds NaN or Inf: the training went wrong`);
    }
    return weight;
  }

  /** Passes over a weight that changes nothing in what is computed, if it is there. */
  skip(name: string): void {
    this.#next(name, [], '');
  }

  #next(name: string, shape: readonly number[], part: string): StoredWeight | undefined {
    return this.#cursor.next(this.#request(name, shape, part));
  }

  #request(name: string, shape: readonly number[], part: string): WeightRequest {
    const path = `${this.#path}/${name}`;
    return { label: this.#label, path, name, shape, part: this.#at(part) };
  }

  #at(part: string): string {
    return this.#part === '' || part === '' ? this.#part + part : `${this.#part}/${part}`;
  }

  #malformed(reason: string): LstmdError {
    return new LstmdError('model.malformed', `${this.#label}: ${reason}`);
  }
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
