import { LstmdError } from '../../../../base/errors.js';

/** The error for a configuration that contradicts the form that Keras gives it. */
export function malformed(message: string): LstmdError {
  return new LstmdError('model.malformed', message);
}

/**
 * @param what names the value in the message, e.g. `layers`
 * @throws LstmdError `model.malformed` where the value is not a list
 */
export function requireList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) {
    throw malformed(`${what} of the model's configuration is not a list`);
  }
  return value;
}
