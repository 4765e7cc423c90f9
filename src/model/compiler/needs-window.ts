import { LstmdError } from '../../base/errors.js';
import type { NamedLayer } from './tensor.js';

/** Thrown where a layer cannot be computed step by step, but could be over a whole window. */
export class NeedsWindow extends LstmdError {
  readonly layer: NamedLayer;
  readonly reason: string;

  constructor(layer: NamedLayer, reason: string) {
    super('model.refused', `layer "${layer.name}": ${layer.className}: ${reason}`);
    this.layer = layer;
    this.reason = reason;
  }
}
