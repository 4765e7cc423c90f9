import { LstmdError } from '../../../base/errors.js';
import type { Tensor } from '../tensor.js';
import { unknownLayer, useKey } from './graph/layer-uses.js';
import type { TensorRef } from './graph/topology.js';

/** The tensors that the layers of one model have given so far. */
export class BuiltTensors {
  readonly #outputs = new Map<string, readonly Tensor[]>();

  /** Keeps the outputs of one use of a layer. */
  add(layer: string, call: number, outputs: readonly Tensor[]): void {
    this.#outputs.set(useKey(layer, call), outputs);
  }

  /** @throws LstmdError `model.malformed` where the layer or its output does not exist */
  get(reference: TensorRef): Tensor {
    const outputs = this.#outputs.get(useKey(reference.layer, reference.call));
    if (outputs === undefined) {
      throw unknownLayer(reference);
    }
    const tensor = outputs[reference.tensor];
    if (tensor === undefined) {
      throw new LstmdError(
        'model.malformed',
        `output ${reference.tensor} of layer "${reference.layer}" is asked for, which has ${outputs.length}`,
      );
    }
    return tensor;
  }
}
