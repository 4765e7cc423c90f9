import { OutsideFormatError } from './outside-format.js';

/**
 * A name as the file has it.
 *
 * @throws OutsideFormatError for one that is empty, has a zero in it, or is no UTF-8
 */
export function nameOf(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  if (name === '' || name.includes('\0') || name.includes('\uFFFD')) {
    throw new OutsideFormatError('a name that is none');
  }
  return name;
}

/** As `nameOf`, for a name that ends before a zero. */
export function zeroEnded(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  if (end < 0) {
    throw new OutsideFormatError('a name without end');
  }
  return nameOf(bytes.subarray(0, end));
}
