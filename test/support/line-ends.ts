/** How many lines end in these bytes: at an LF, a CR, or the two together. */
export function countLineEnds(bytes: Uint8Array): number {
  return bytes.reduce((count, byte, at) => {
    const ends = byte === 0x0d || (byte === 0x0a && bytes[at - 1] !== 0x0d);
    return count + (ends ? 1 : 0);
  }, 0);
}
