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
  return hexDigit(bytes[at + 1]) * 16 + hexDigit(bytes[at + 2]) === sum ? at : -1;
}

/** The value of a hex digit; NaN where a byte is none. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) {
    return Number.NaN;
  }
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : Number.NaN;
}
