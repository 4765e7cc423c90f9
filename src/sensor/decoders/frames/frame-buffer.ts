/** Finds frames in bytes. */
export interface FrameReader {
  /** No frame and no part of one that cannot be judged is longer. */
  readonly maxFrameBytes: number;
  /**
   * Looks at what begins at `bytes[at]`; `at < end`.
   *
   * @returns the length of the frame that begins there and lies whole in `bytes[at..end)`, once taken; 0 when only
   *   further bytes can tell; `noFrame`, or -n for n bytes in which none begins
   */
  read(bytes: Uint8Array, at: number, end: number): number;
  /** Takes that so many bytes belong to no frame. */
  skip(count: number): void;
}

/** No frame begins here: the next byte is looked at. */
export const noFrame = -1;

/**
 * Cuts bytes into frames in bounded memory. A frame that lies whole within a chunk is read where it is; only what is
 * unfinished at the end of a chunk is copied.
 */
export class FrameBuffer {
  readonly #reader: FrameReader;
  readonly #pending: Uint8Array;
  #length = 0;

  constructor(reader: FrameReader) {
    this.#reader = reader;
    this.#pending = new Uint8Array(2 * reader.maxFrameBytes);
  }

  /** Bytes of the unfinished frame. */
  get unread(): number {
    return this.#length;
  }

  /** Forgets the unfinished frame and returns how many bytes it had. */
  reset(): number {
    const length = this.#length;
    this.#length = 0;
    return length;
  }

  /** Takes the next bytes, cut anywhere. */
  push(chunk: Uint8Array): void {
    let from = 0;
    while (this.#length > 0 && from < chunk.length) {
      const pending = this.#pending;
      const taken = Math.min(pending.length - this.#length, chunk.length - from);
      pending.set(chunk.subarray(from, from + taken), this.#length);
      const end = this.#length + taken;
      // Only as far as the old bytes go: the rest is read in the chunk itself.
      const used = this.#read(pending, 0, this.#length, end);
      if (used >= this.#length) {
        from += used - this.#length;
        this.#length = 0;
      } else {
        pending.copyWithin(0, used, end);
        this.#length = end - used;
        from += taken;
      }
    }
    if (from < chunk.length) {
      const used = this.#read(chunk, from, chunk.length, chunk.length);
      this.#pending.set(chunk.subarray(used));
      this.#length = chunk.length - used;
    }
  }

  /** Reads frames that begin before `until`; returns where the first unread byte is. */
  #read(bytes: Uint8Array, from: number, until: number, end: number): number {
    const reader = this.#reader;
    let at = from;
    while (at < until) {
      const length = reader.read(bytes, at, end);
      if (length > 0) {
        at += length;
      } else if (length === 0) {
        return at;
      } else {
        reader.skip(-length);
        at -= length;
      }
    }
    return at;
  }
}
