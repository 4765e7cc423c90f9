import { LstmdError } from '../../../base/errors.js';

/** Thrown where an operator's own axes say that time or batch is another axis than was supposed. */
export class AxisConflict extends LstmdError {
  constructor(message: string) {
    super('model.refused', message);
  }
}
