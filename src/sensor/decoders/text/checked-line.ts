import { hexNumber } from './hex-number.js';

const dollar = 0x24;
const star = 0x2a;

/**
 * Returns where the text of a line ends that begins with `$` and may have a checksum of two hex digits behind a `*`, as in NMEA
 * 0183: the exclusive or of what stands between.
 *
 * @returns the place of the `*`, the end of a line that has none, or -1 where the checksum is another
 */
export function checkedEnd(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== dollar) {
    return end;
  }
  let sum = 0;
  let at = start + 1;
  while (at < end && bytes[at] !== star) {
    sum ^= bytes[at] ?? 0;
    at += 1;
  }
  if (at === end) {
    return end;
  }
  return hexNumber(bytes, at + 1, at + 3) === sum ? at : -1;
}
