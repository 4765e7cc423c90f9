import { protobuf } from '../../../protobuf/library.js';
import { messageOf, LstmdError } from '../../../base/errors.js';

/** The wire type of what begins with its length: messages, texts and lists (encoding.html, "Message Structure"). */
const packed = 2;

/** Messages within messages that are followed: a graph in a node in a graph is three. */
const maxDepth = 64;

/** One protobuf message, of which each field is shown once, in the order of the file. */
export class Message {
  readonly #reader: protobuf.Reader;
  readonly #end: number;
  readonly #place: string;
  readonly #depth: number;
  #wire = 0;

  private constructor(reader: protobuf.Reader, end: number, place: string, depth: number) {
    this.#reader = reader;
    this.#end = end;
    this.#place = place;
    this.#depth = depth;
  }

  /** @param place what the message is, as errors name it */
  static of(bytes: Uint8Array, place: string): Message {
    return new Message(protobuf.Reader.create(bytes), bytes.length, place, 0);
  }

  /**
   * Shows each field by its number.
   *
   * @param read reads the field that it is shown, or returns false to have it skipped
   * @throws LstmdError `model.malformed` where the bytes are no message
   */
  fields(read: (field: number) => boolean): void {
    try {
      while (this.#reader.pos < this.#end) {
        const tag = this.#reader.uint32();
        this.#wire = tag & 7;
        if (!read(tag >>> 3)) {
          this.#reader.skipType(this.#wire);
        }
      }
    } catch (cause) {
      if (cause instanceof LstmdError) {
        throw cause;
      }
      throw this.malformed(`is damaged (${messageOf(cause)}): copy the file again`, cause);
    }
    if (this.#reader.pos !== this.#end) {
      throw this.malformed('goes beyond its end: copy the file again');
    }
  }

  malformed(reason: string, cause?: unknown): LstmdError {
    return new LstmdError('model.malformed', `${this.#place} ${reason}`, { cause });
  }

  /** A message that the field holds. */
  message(place: string): Message {
    this.#expect(packed);
    if (this.#depth >= maxDepth) {
      throw this.malformed(`holds more than ${maxDepth} messages within messages`);
    }
    const length = this.#reader.uint32();
    const end = this.#reader.pos + length;
    if (end > this.#end) {
      throw this.malformed('is cut off: copy the file again');
    }
    return new Message(this.#reader, end, place, this.#depth + 1);
  }

  string(): string {
    this.#expect(packed);
    return this.#reader.string();
  }

  /** A view of the file's memory. */
  bytes(): Uint8Array {
    this.#expect(packed);
    return this.#reader.bytes();
  }

  /** Appends the numbers of a repeated field, which is packed or has one of them. */
  int64s(numbers: number[]): void {
    this.#repeated(0, () => {
      numbers.push(Number(this.#reader.int64()));
    });
  }

  uint64s(numbers: number[]): void {
    this.#repeated(0, () => {
      numbers.push(Number(this.#reader.uint64()));
    });
  }

  floats(numbers: number[]): void {
    this.#repeated(5, () => {
      numbers.push(this.#reader.float());
    });
  }

  doubles(numbers: number[]): void {
    this.#repeated(1, () => {
      numbers.push(this.#reader.double());
    });
  }

  int64(): number {
    this.#expect(0);
    return Number(this.#reader.int64());
  }

  float(): number {
    this.#expect(5);
    return this.#reader.float();
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) {
      throw this.malformed(`has a field of wire type ${this.#wire} in place of ${wire}`);
    }
  }

  #repeated(wire: number, read: () => void): void {
    if (this.#wire !== packed) {
      this.#expect(wire);
      read();
      return;
    }
    const end = this.#reader.uint32() + this.#reader.pos;
    if (end > this.#end) {
      throw this.malformed('is cut off: copy the file again');
    }
    while (this.#reader.pos < end) {
      read();
    }
    if (this.#reader.pos !== end) {
      throw this.malformed('has a list that ends within a number: copy the file again');
    }
  }
}
