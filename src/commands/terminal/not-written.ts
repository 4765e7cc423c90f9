import { LstmdError, reasonOf } from '../../base/errors.js';

/** The error `output.write` of a file that a flag names and that cannot be written. */
export function notWritten(path: string, cause: unknown): LstmdError {
  return new LstmdError('output.write', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
}
