import { LstmdError } from '../../../base/errors.js';

/**
 * The major version of the Keras that wrote a file.
 *
 * @param version as the file has it, e.g. `2.3.0-tf`
 * @throws LstmdError `model.refused` for any other than Keras 1, 2 and 3
 */
export function kerasMajorOf(version: string): 1 | 2 | 3 {
  const major = Number.parseInt(version, 10);
  if (major === 1 || major === 2 || major === 3) {
    return major;
  }
  throw new LstmdError(
    'model.refused',
    `the file was written by Keras ${version}: Keras 1, 2 and 3 are supported; load it there and save it again`,
  );
}
