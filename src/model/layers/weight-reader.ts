import type { LayerWeights } from '../archives/model-source.js';
import type { LayerSummary } from '../plan.js';
import type { LayerOptions } from './layer-options.js';

/** Takes a layer's weights in the order in which Keras wrote them, checking each. */
export class WeightReader {
  readonly #taken: { name: string; shape: readonly number[] }[] = [];

  constructor(
    private readonly layerName: string,
    private readonly options: LayerOptions,
    private readonly stored: LayerWeights,
  ) {}

  /**
   * The next weight.
   *
   * @param name as people know it, e.g. `recurrent_kernel`
   * @param place part of the layer that owns it, e.g. `cell`; empty for the layer itself
   * @throws LstmdError `model.malformed` when it is missing, of another shape, or not finite
   */
  take(name: string, shape: readonly number[], place = ''): Float32Array {
    const weight = this.stored.next(place);
    const path = `${this.layerName}/${name}`;
    if (weight === undefined)
      throw this.options.malformed(`weight ${path} of shape (${shape.join(', ')}) is missing`);
    if (weight.shape.length !== shape.length || weight.shape.some((n, i) => n !== shape[i]))
      throw this.options.malformed(
        `weight ${path} should have shape (${shape.join(', ')}), but ${weight.path} has (${weight.shape.join(', ')})`,
      );
    if (!weight.type.includes('float') || weight.data.length !== product(shape))
      throw this.options.refused(`weight ${path} holds ${weight.type} numbers, not floats`);
    if (!weight.data.every((value) => Number.isFinite(value)))
      throw this.options.malformed(`weight ${path} holds NaN or Inf: the training went wrong`);
    this.#taken.push({ name: path, shape });
    return weight.data;
  }

  summary(): Pick<LayerSummary, 'weights' | 'parameters'> {
    return {
      weights: this.#taken,
      parameters: this.#taken.reduce((sum, { shape }) => sum + product(shape), 0),
    };
  }
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
