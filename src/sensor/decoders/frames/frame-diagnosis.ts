import type { Diagnosis } from '../decoder.js';
import { detectRemedy, diagnoseLines, hex, isText } from '../text/line-diagnosis.js';

/** Holds what is known of bytes of which none became a row. */
export interface FrameCounts {
  /** Frames whose checksum was right, and those whose was not. */
  readonly frames: number;
  readonly badChecksum: number;
  /** True when the bytes look like frames of the format, though damaged: most of them stand in such. */
  readonly areFrames: boolean;
}

/** Among random bytes a checksum is right by chance once in 256 times, or once in 65,536. */
const chanceShare = 1 / 64;

/**
 * Tells why bytes that were expected to be frames gave no row.
 *
 * @param bytes the last that came, at least 1
 * @param rejection why the last frame was no row, where that is known
 */
export function diagnoseFrames(
  bytes: Uint8Array,
  name: string,
  { frames, badChecksum, areFrames }: FrameCounts,
  rejection: string | undefined,
): Diagnosis {
  if (frames > chanceShare * badChecksum && rejection !== undefined) {
    return { shown: hex(bytes), cause: rejection };
  }
  if (isText(bytes)) {
    return {
      shown: diagnoseLines(bytes).shown,
      cause: `these are lines of text, not frames of ${name}: set the sensor to send frames, or sensor.decoder to csv or jsonl`,
    };
  }
  if (badChecksum > 0 && areFrames) {
    return {
      shown: hex(bytes),
      cause: `these bytes are cut as frames of ${name} are, but ${rejection ?? 'each has another checksum than its bytes'}: the frame is another than sensor describes, or the line damages it`,
    };
  }
  return {
    shown: hex(bytes),
    cause:
      `these bytes are no frames of ${name}: most likely the sensor sends at another baud rate, which sensor.baudRate must name, ` +
      `or it speaks another format, which sensor.decoder must name; ${detectRemedy}`,
  };
}

/** Returns whether the places of a byte, of which there are three or more, are nearly all as far from each other as the first two. */
export function areEvenlyCut(bytes: Uint8Array, delimiter: number | undefined): boolean {
  const places = Array.from(bytes, (byte, at) => (byte === delimiter ? at : -1)).filter(
    (at) => at !== -1,
  );
  const distances = places.slice(1).map((at, n) => at - (places[n] ?? 0));
  const [usual] = distances;
  const alike = distances.filter((distance) => distance === usual).length;
  return usual !== undefined && usual > 4 && distances.length > 1 && alike > 0.8 * distances.length;
}
