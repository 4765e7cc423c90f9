import { binaryFields, groupFieldBytes } from './fields.js';

/** Says where a binary message of one configuration has what is read of it; offsets count from its sync byte. */
export interface BinaryLayout {
  /** All of it, the CRC included. */
  readonly length: number;
  /** Offset of each axis' float32; undefined when one of them is not in the message. */
  readonly offsets: Int32Array | undefined;
  /** Offset of the time since the start, 8 bytes in ns; -1 when it is not in the message. */
  readonly timeAt: number;
}

/** Bytes of sync and group byte, and of a mask for each group. */
export function headerBytes(groups: number): number {
  let count = 0;
  for (let bits = groups; bits !== 0; bits >>= 1) {
    count += bits & 1;
  }
  return 2 + 2 * count;
}

/**
 * The layout of messages with a header; undefined when a bit of it has no known length.
 *
 * @param header the bytes from the sync byte on, with all masks
 * @param fields the names of the axes' fields
 */
export function layoutOf(header: Uint8Array, fields: readonly string[]): BinaryLayout | undefined {
  const groups = header[1] ?? 0;
  const places = new Map<string, number>();
  let maskAt = 2;
  let at = headerBytes(groups);
  for (let group = 0; group < 8; group += 1) {
    if ((groups & (1 << group)) === 0) {
      continue;
    }
    const mask = (header[maskAt] ?? 0) | ((header[maskAt + 1] ?? 0) << 8);
    maskAt += 2;
    for (let bit = 0; bit < 16; bit += 1) {
      if ((mask & (1 << bit)) === 0) {
        continue;
      }
      const bytes = groupFieldBytes[group]?.[bit];
      if (bytes === undefined) {
        return undefined;
      }
      places.set(`${group}.${bit}`, at);
      at += bytes;
    }
  }
  const offsets = fields.map((name) => {
    for (const { names, group, bit, skip } of binaryFields) {
      const place = places.get(`${group}.${bit}`);
      const index = names.indexOf(name);
      if (place !== undefined && index !== -1) {
        return place + skip + 4 * index;
      }
    }
    return -1;
  });
  return {
    length: at + 2,
    offsets: offsets.includes(-1) ? undefined : Int32Array.from(offsets),
    timeAt: places.get('0.0') ?? places.get('1.0') ?? -1,
  };
}
