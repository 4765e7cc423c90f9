import type { RowSink } from './decoder.js';
import type { RowBuffer } from './row-buffer.js';
import { LineBuffer, type LineSink } from './text/line-buffer.js';

/** Holds what a decoder of lines does with each; the framer counts the lines of which a part was not seen. */
export type LineReader = Omit<LineSink, 'partial'>;

/** The framing that decoders of lines have in common, as those of frames have `FrameDecoder`. */
export class LineFramer {
  readonly #rows: RowBuffer;
  readonly #counters: { bytes: number; partial: number };
  readonly #lines: LineBuffer;

  /**
   * @param maxBytes a longer line is discarded
   * @param rows takes what the reader makes of the lines
   * @param counters the decoder's, of which `bytes` and `partial` are counted here
   */
  constructor(
    maxBytes: number,
    rows: RowBuffer,
    counters: { bytes: number; partial: number },
    reader: LineReader,
  ) {
    this.#rows = rows;
    this.#counters = counters;
    this.#lines = new LineBuffer(maxBytes, {
      line: (bytes, start, end) => reader.line(bytes, start, end),
      lines: reader.lines,
      cutLine: (bytes, start, end) => reader.cutLine(bytes, start, end),
      tooLong: () => reader.tooLong(),
      partial: () => {
        counters.partial += 1;
      },
    });
  }

  /** As `Decoder.push`. */
  push(chunk: Uint8Array, sink: RowSink): void {
    this.#counters.bytes += chunk.length;
    this.#rows.begin(sink);
    this.#lines.push(chunk);
    this.#rows.end();
  }

  /** As `Decoder.boundary`. */
  boundary(sink: RowSink): void {
    this.#rows.begin(sink);
    this.#lines.end();
    this.#rows.end();
  }

  /** As `Decoder.reset`. */
  reset(): void {
    this.#lines.reset();
  }
}
