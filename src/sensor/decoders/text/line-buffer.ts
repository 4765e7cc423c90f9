const newline = 0x0a;

/** Takes the lines that were cut from the bytes, in their order. */
export interface LineSink {
  /** Takes a line without its newline: `bytes[start..end)`, valid during the call. */
  line(bytes: Uint8Array, start: number, end: number): void;
  /** Takes that a line was longer than the bound and was discarded; called at its newline. */
  tooLong(): void;
  /** Takes that a line was discarded because its beginning or its end was not seen. */
  partial(): void;
}

/**
 * Cuts bytes into lines in bounded memory. A line that lies whole within a
 * chunk is passed on where it is; only the unfinished end of a chunk is copied.
 */
export class LineBuffer {
  readonly #sink: LineSink;
  readonly #pending: Uint8Array;
  #length = 0;
  #discarding: 'no' | 'partial' | 'tooLong' = 'no';

  constructor(maxBytes: number, sink: LineSink) {
    this.#pending = new Uint8Array(maxBytes);
    this.#sink = sink;
  }

  /** Forgets the unfinished line; with `midStream` all up to the next newline is discarded too. */
  reset(midStream: boolean): void {
    if (this.#length > 0) {
      this.#sink.partial();
    }
    this.#length = 0;
    this.#discarding = midStream ? 'partial' : 'no';
  }

  /** Takes the next bytes, cut anywhere. */
  push(chunk: Uint8Array): void {
    let start = 0;
    while (start < chunk.length) {
      const end = chunk.indexOf(newline, start);
      if (end === -1) {
        this.#keep(chunk, start, chunk.length);
        return;
      }
      if (this.#length === 0 && this.#discarding === 'no' && end - start <= this.#pending.length) {
        this.#sink.line(chunk, start, end);
      } else {
        this.#keep(chunk, start, end);
        this.#finish();
      }
      start = end + 1;
    }
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (this.#discarding !== 'no') {
      return;
    }
    if (this.#length + end - start > this.#pending.length) {
      this.#discarding = 'tooLong';
      this.#length = 0;
      return;
    }
    this.#pending.set(chunk.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  #finish(): void {
    const discarded = this.#discarding;
    const length = this.#length;
    this.#discarding = 'no';
    this.#length = 0;
    if (discarded === 'no') {
      this.#sink.line(this.#pending, 0, length);
    } else if (discarded === 'tooLong') {
      this.#sink.tooLong();
    } else {
      this.#sink.partial();
    }
  }
}
