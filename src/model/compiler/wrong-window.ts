import { LstmdError } from '../../base/errors.js';

/**
 * The error for a window that does not fit the model, or that is missing: a fault of the option `window`, which the
 * message names by itself.
 */
export function wrongWindow(message: string, code: 'model.mode' | 'model.refused' = 'model.mode') {
  return new LstmdError(code, message, { faults: [{ at: ['window'], message }] });
}
