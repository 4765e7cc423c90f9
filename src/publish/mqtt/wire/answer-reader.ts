/** The first byte of each packet that answers to a PUBLISH. */
export const Answer = { puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const;
export type AnswerType = (typeof Answer)[keyof typeof Answer];

/** No answer is longer but one with much text in its properties, which nobody needs here. */
const longestAnswer = 1024;

const nothing = Buffer.alloc(0);

/** Takes what comes over a connection. */
export interface AnswerSink {
  /**
   * Takes an answer to a PUBLISH.
   *
   * @param code its reason code; 0 where it has none
   * @returns false where it is for the client library to judge
   */
  answer(type: AnswerType, id: number, code: number): boolean;
  /** Takes the bytes of all other packets, in their order; they are a copy. */
  rest(bytes: Buffer): void;
}

/** Reads the answers to publishes from the bytes of a broker, and hands on what is none. */
export class AnswerReader {
  readonly #sink: AnswerSink;
  /** Bytes of a packet that began and is handed on as it comes. */
  #passing = 0;
  /** The beginning of a packet of which not enough has come to know what it is. */
  #held: Buffer = nothing;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes, which may change after the call. */
  take(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = nothing;
    let at = Math.min(this.#passing, bytes.length);
    this.#passing -= at;
    /** All from here to `at` is handed on. */
    let begin = 0;
    while (at < bytes.length) {
      const size = packetBytes(bytes, at);
      const isShortAnswer = isAnswer(bytes[at]) && size <= longestAnswer;
      if (size === 0 || (isShortAnswer && at + size > bytes.length)) {
        break;
      }
      if (isShortAnswer && this.#answer(bytes, at, size)) {
        this.#pass(bytes, begin, at);
        at += size;
        begin = at;
        continue;
      }
      const end = Math.min(at + size, bytes.length);
      this.#passing = at + size - end;
      at = end;
    }
    this.#pass(bytes, begin, at);
    this.#held = at < bytes.length ? Buffer.from(bytes.subarray(at)) : nothing;
  }

  #pass(bytes: Buffer, begin: number, end: number): void {
    if (end > begin) {
      this.#sink.rest(Buffer.from(bytes.subarray(begin, end)));
    }
  }

  #answer(bytes: Buffer, at: number, size: number): boolean {
    const type = bytes[at];
    // Longer by as much as the remaining length takes: one byte up to 127.
    const body = at + (size < 130 ? 2 : 3);
    const length = at + size - body;
    if (length < 2 || !isAnswer(type)) {
      return false;
    }
    return this.#sink.answer(
      type,
      bytes.readUInt16BE(body),
      length > 2 ? (bytes[body + 2] ?? 0) : 0,
    );
  }
}

function isAnswer(type: number | undefined): type is AnswerType {
  return type === Answer.puback || type === Answer.pubrec || type === Answer.pubcomp;
}

/** Bytes of the packet that begins there; 0 where its length is not there yet, Infinity where it is none. */
function packetBytes(bytes: Buffer, at: number): number {
  let length = 0;
  for (let n = 1; n <= 4; n += 1) {
    const byte = bytes[at + n];
    if (byte === undefined) {
      return 0;
    }
    length += (byte & 127) * 128 ** (n - 1);
    if (byte < 128) {
      return 1 + n + length;
    }
  }
  return Infinity;
}
