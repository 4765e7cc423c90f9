import { LstmdError } from '../../base/errors.js';

/** Thrown where a layer cannot be computed step by step, but could over a whole window. */
export class NeedsWindow extends LstmdError {
  constructor(
    readonly layer: string,
    readonly reason: string,
  ) {
    super('model.refused', `layer "${layer}": ${reason}`);
  }
}
