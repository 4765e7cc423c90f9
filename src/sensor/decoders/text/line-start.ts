const dollar = 0x24;
const blank = 0x20;
const comma = 0x2c;

/** Returns where a row begins behind blanks and a prefix; -1 where a line does not have it. */
export function behindPrefix(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): number {
  let from = start;
  while (from < end && (bytes[from] === blank || bytes[from] === 0)) {
    from += 1;
  }
  for (let n = 0; n < prefix.length; n += 1) {
    if (from + n >= end || bytes[from + n] !== prefix[n]) {
      return -1;
    }
  }
  return from + prefix.length;
}

/** Returns where the fields begin behind the tag of a line as in NMEA; its start where it has none. */
export function behindTag(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== dollar) {
    return start;
  }
  const at = bytes.indexOf(comma, start);
  return at === -1 || at >= end ? start : at + 1;
}
