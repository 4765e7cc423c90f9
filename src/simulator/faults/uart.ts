/** The ways in which UARTs treat a byte whose stop bit is not where it should be. */
export type FramingFault = 'keep' | 'nul' | 'drop';

/**
 * The bytes that a receiver at one rate makes of 8N1 bytes sent without a pause at another: the
 * garbage of a wrong baud rate as it is on the wire, not as a random generator has it.
 */
export function misread(
  bytes: Uint8Array,
  sentBaud: number,
  readBaud: number,
  onFault: FramingFault,
): Uint8Array {
  const bits = 10 * bytes.length;
  const bitSeconds = 1 / readBaud;
  const isHigh = (seconds: number): boolean => {
    const bit = Math.floor(seconds * sentBaud);
    const place = bit % 10;
    if (place === 0) {
      return bit >= bits;
    }
    return (
      place === 9 || bit >= bits || (((bytes[(bit - place) / 10] ?? 0) >> (place - 1)) & 1) > 0
    );
  };
  const read: number[] = [];
  const endSeconds = bits / sentBaud;
  for (let seconds = 0; seconds < endSeconds;) {
    // A receiver looks for the edge of a start bit 16 times a bit.
    if (isHigh(seconds)) {
      seconds += bitSeconds / 16;
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      if (isHigh(seconds + (bit + 1.5) * bitSeconds)) {
        byte |= 1 << bit;
      }
    }
    const isFramed = isHigh(seconds + 9.5 * bitSeconds);
    if (isFramed || onFault === 'keep') {
      read.push(byte);
    } else if (onFault === 'nul') {
      read.push(0);
    }
    seconds += 9.5 * bitSeconds;
  }
  return Uint8Array.from(read);
}
