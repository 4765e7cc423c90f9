const shortestFrame = 6;
const longestFrame = 96;
/** Fewer show nothing: a checksum that is right in so many is still one. */
const leastFrames = 3;
/** A byte of a sync mark is the same in so many of the frames; the others were damaged. */
const sameShare = 0.9;

/** Frames of one length that follow each other without a gap. */
export interface FramePeriod {
  readonly length: number;
  /** Says where, modulo the length, bytes are the same in nearly all frames, and which. */
  readonly constant: ReadonlyMap<number, number>;
}

/** The lengths after which at least two neighbouring bytes come again, the shortest first. */
export function* framePeriods(bytes: Uint8Array): Generator<FramePeriod> {
  for (let length = shortestFrame; length <= longestFrame; length += 1) {
    const frames = Math.floor(bytes.length / length);
    if (frames < leastFrames) {
      return;
    }
    const constant = constantBytes(bytes, length, frames);
    const hasMark = [...constant.keys()].some((place) => constant.has((place + 1) % length));
    if (hasMark && constant.size < length) {
      yield { length, constant };
    }
  }
}

function constantBytes(bytes: Uint8Array, length: number, frames: number): Map<number, number> {
  const constant = new Map<number, number>();
  for (let place = 0; place < length; place += 1) {
    const counts = new Map<number, number>();
    for (let frame = 0; frame < frames; frame += 1) {
      const byte = bytes[frame * length + place] ?? 0;
      counts.set(byte, (counts.get(byte) ?? 0) + 1);
    }
    const [most] = [...counts].toSorted((a, b) => b[1] - a[1]);
    if (most !== undefined && most[1] >= sameShare * frames) {
      constant.set(place, most[0]);
    }
  }
  return constant;
}
