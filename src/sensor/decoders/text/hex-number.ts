/** The number that the hex digits in `bytes[start..end)` are; -1 where a byte is none. */
export function hexNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit === -1) {
      return -1;
    }
    value = 16 * value + digit;
  }
  return value;
}

/** The value of a hex digit; -1 where a byte is none. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}
