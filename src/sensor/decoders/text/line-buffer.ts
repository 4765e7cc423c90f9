const newline = 0x0a;
const carriageReturn = 0x0d;
/** Most lines are shorter than a call to the search of Node is long. */
const nearBytes = 64;

/** Takes the lines that were cut from the bytes, in their order. */
export interface LineSink {
  /** Takes a line without its end: `bytes[start..end)`, valid during the call. */
  line(bytes: Uint8Array, start: number, end: number): void;
  /**
   * Takes whole lines of `bytes[start..]` that follow each other, as `line` would, but many in one call: those that are as
   * most are and end with LF or CRLF.
   *
   * @returns where the first line begins that is left to `line`
   */
  lines?: ((bytes: Uint8Array, start: number) => number) | undefined;
  /** Takes the first line after a reset, of which the beginning may not have been seen; as `line` does. */
  cutLine(bytes: Uint8Array, start: number, end: number): void;
  /** Takes that a line was longer than the bound and was discarded; called at its end. */
  tooLong(): void;
  /** Takes that a line was discarded because its end was not seen, or because it was cut and too long. */
  partial(): void;
}

/**
 * Cuts bytes into lines in bounded memory. LF, CR and CRLF end a line. A line that lies whole
 * within a chunk is passed on where it is; only the unfinished end of a chunk is copied.
 */
export class LineBuffer {
  readonly #sink: LineSink;
  readonly #pending: Uint8Array;
  #length = 0;
  /** True when a line was ended by a CR, so that an LF after it ends no other. */
  #afterReturn = false;
  #isTooLong = false;
  /** True when the line at hand may have begun before the first byte that was seen. */
  #isCut = false;

  constructor(maxBytes: number, sink: LineSink) {
    this.#pending = new Uint8Array(maxBytes);
    this.#sink = sink;
  }

  /** Forgets the unfinished line; the next byte may lie within another. */
  reset(): void {
    if (this.#length > 0) {
      this.#sink.partial();
    }
    this.#length = 0;
    this.#isTooLong = false;
    this.#afterReturn = false;
    this.#isCut = true;
  }

  /** Ends the unfinished line where there is one; the next byte begins another. */
  end(): void {
    if (this.#length > 0 || this.#isTooLong) {
      this.#finish();
    }
    this.#isCut = false;
    this.#afterReturn = false;
  }

  /** Takes the next bytes, cut anywhere. */
  push(chunk: Uint8Array): void {
    const { lines } = this.#sink;
    let start = 0;
    // A line end that stands far on is looked for only once the last one is behind: most streams have only one of the two.
    let nextReturn = -1;
    let nextNewline = -1;
    while (start < chunk.length) {
      if (this.#afterReturn) {
        this.#afterReturn = false;
        if (chunk[start] === newline) {
          start += 1;
          continue;
        }
      }
      const isWhole = this.#length === 0 && !this.#isTooLong && !this.#isCut;
      if (isWhole && lines !== undefined) {
        start = lines(chunk, start);
        if (start === chunk.length) {
          return;
        }
      }
      let end = nearEnd(chunk, start);
      if (end === -1) {
        const near = start + nearBytes;
        if (nextReturn < near) {
          nextReturn = positionOf(carriageReturn, chunk, near);
        }
        if (nextNewline < near) {
          nextNewline = positionOf(newline, chunk, near);
        }
        end = Math.min(nextReturn, nextNewline);
      }
      if (end === chunk.length) {
        this.#keep(chunk, start, end);
        return;
      }
      this.#afterReturn = chunk[end] === carriageReturn;
      if (isWhole && end - start <= this.#pending.length) {
        this.#sink.line(chunk, start, end);
      } else {
        this.#keep(chunk, start, end);
        this.#finish();
      }
      start = end + 1;
    }
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (this.#isTooLong) {
      return;
    }
    if (this.#length + end - start > this.#pending.length) {
      this.#isTooLong = true;
      this.#length = 0;
      return;
    }
    this.#pending.set(chunk.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  #finish(): void {
    const length = this.#length;
    const isCut = this.#isCut;
    const isTooLong = this.#isTooLong;
    this.#length = 0;
    this.#isCut = false;
    this.#isTooLong = false;
    if (isTooLong) {
      if (isCut) {
        this.#sink.partial();
      } else {
        this.#sink.tooLong();
      }
    } else if (isCut) {
      this.#sink.cutLine(this.#pending, 0, length);
    } else {
      this.#sink.line(this.#pending, 0, length);
    }
  }
}

/** Returns where a line ends that begins at `start`, or the chunk does; -1 where that is further on than most lines are long. */
function nearEnd(chunk: Uint8Array, start: number): number {
  const near = Math.min(start + nearBytes, chunk.length);
  for (let at = start; at < near; at += 1) {
    const byte = chunk[at] ?? 0;
    if (byte <= carriageReturn && (byte === newline || byte === carriageReturn)) {
      return at;
    }
  }
  return near === chunk.length ? near : -1;
}

/** Returns where a byte is found from `start` on; the length of the chunk where it is not. */
function positionOf(byte: number, chunk: Uint8Array, start: number): number {
  const at = chunk.indexOf(byte, start);
  return at === -1 ? chunk.length : at;
}
