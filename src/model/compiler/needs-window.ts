import { LstmdError } from '../../base/errors.js';

/** Thrown where a layer cannot be computed step by step, but could over a whole window. */
export class NeedsWindow extends LstmdError {
  readonly layer: string;
  readonly reason: string;

  constructor(layer: string, reason: string) {
    super('model.refused', `layer "${layer}": ${reason}`);
    this.layer = layer;
    this.reason = reason;
  }
}
