import { hexDigit, hexNumber } from './hex-number.js';

const dollar = 0x24;
const star = 0x2a;
const comma = 0x2c;
const cr = 0x0d;
const lf = 0x0a;
const letterX = 0x58;

/** Holds what became of the look at a sentence. */
export type SentenceVerdict = 'good' | 'damaged' | 'none' | 'unfinished';

/**
 * A sentence `$TAG,field,field*hh` as NMEA 0183 and VectorNav have it: two hex digits are the exclusive or of what
 * stands between `$` and `*`, four are its CRC-16 (XMODEM), and `XX` is no checksum. Reused from sentence to sentence.
 */
export class Sentence {
  /** Fields behind the tag. */
  count = 0;
  /** Bytes from `$` to the checksum's last digit. */
  length = 0;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #maxBytes: number;
  readonly #crc16: (bytes: Uint8Array, start: number, end: number) => number;
  #tagStart = 0;
  #tagEnd = 0;

  /**
   * @param maxBytes of the longest sentence
   * @param crc16 the checksum of four digits
   */
  constructor(maxBytes: number, crc16: (bytes: Uint8Array, start: number, end: number) => number) {
    this.#maxBytes = maxBytes;
    this.#crc16 = crc16;
    this.#starts = new Int32Array(maxBytes + 1);
    this.#ends = new Int32Array(maxBytes + 1);
  }

  /** Returns where a field begins, and where it ends. */
  start(field: number): number {
    return this.#starts[field] ?? 0;
  }
  end(field: number): number {
    return this.#ends[field] ?? 0;
  }

  /** Returns whether the tag is this one. */
  hasTag(bytes: Uint8Array, tag: Uint8Array): boolean {
    if (this.#tagEnd - this.#tagStart !== tag.length) {
      return false;
    }
    for (let n = 0; n < tag.length; n += 1) {
      if (bytes[this.#tagStart + n] !== tag[n]) {
        return false;
      }
    }
    return true;
  }

  /** The word between `$` and the first comma. */
  tag(bytes: Uint8Array): string {
    return String.fromCharCode(...bytes.subarray(this.#tagStart, this.#tagEnd));
  }

  /**
   * Looks at what begins at `bytes[at]`, which must be followed by CR or LF to be a sentence.
   *
   * @returns `none` where it can be no sentence, `damaged` where its checksum is another
   */
  read(bytes: Uint8Array, at: number, end: number): SentenceVerdict {
    if (bytes[at] !== dollar) {
      return 'none';
    }
    const limit = Math.min(end, at + this.#maxBytes);
    this.count = 0;
    this.#tagStart = at + 1;
    this.#tagEnd = -1;
    let from = at + 1;
    let sum = 0;
    let to = at + 1;
    for (; to < limit; to += 1) {
      const byte = bytes[to] ?? 0;
      if (byte === star || byte === comma) {
        this.#cut(from, to);
        from = to + 1;
        if (byte === star) {
          break;
        }
      } else if (byte < 0x20 || byte > 0x7e || byte === dollar) {
        return 'none';
      }
      sum ^= byte;
    }
    if (to >= limit) {
      return limit === end && end - at < this.#maxBytes ? 'unfinished' : 'none';
    }
    const digitsAt = to + 1;
    let digits = 0;
    while (digits < 4 && digitsAt + digits < end && isDigit(bytes[digitsAt + digits] ?? 0)) {
      digits += 1;
    }
    const after = digitsAt + digits;
    if (after >= end) {
      return 'unfinished';
    }
    if ((digits !== 2 && digits !== 4) || (bytes[after] !== cr && bytes[after] !== lf)) {
      return 'none';
    }
    this.length = after - at;
    if (bytes[digitsAt] === letterX) {
      return 'good';
    }
    const expected = digits === 2 ? sum : this.#crc16(bytes, at + 1, to);
    return hexNumber(bytes, digitsAt, after) === expected ? 'good' : 'damaged';
  }

  #cut(from: number, to: number): void {
    if (this.#tagEnd === -1) {
      this.#tagEnd = to;
      return;
    }
    this.#starts[this.count] = from;
    this.#ends[this.count] = to;
    this.count += 1;
  }
}

/** Returns whether a byte is a hex digit, or the X of a checksum that is not computed. */
function isDigit(byte: number): boolean {
  return hexDigit(byte) !== -1 || byte === letterX;
}
