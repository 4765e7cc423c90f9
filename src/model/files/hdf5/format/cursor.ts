import { OutsideFormatError } from './outside-format.js';

/** Reads the little-endian fields of a structure one after the other, never beyond its end. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#at;
  }

  /** All bytes of the structure, those that were read included. */
  whole(): Buffer {
    return this.#bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws OutsideFormatError where fewer bytes are left */
  bytes(count: number): Buffer {
    if (count > this.left) {
      throw new OutsideFormatError('a structure is cut off');
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  skip(count: number): void {
    this.bytes(count);
  }

  /** Passes over bytes up to a multiple of `size` from the beginning. */
  align(size: number): void {
    this.skip((size - (this.#at % size)) % size);
  }

  /** An unsigned number of 1, 2 or 4 bytes. */
  number(size: 1 | 2 | 4): number {
    return this.bytes(size).readUIntLE(0, size);
  }

  /** A length or an address of 8 bytes. */
  long(): number {
    const value = this.optionalLong();
    if (value === null) {
      throw new OutsideFormatError('an address is undefined');
    }
    return value;
  }

  /** As `long`; null for the undefined address, whose bits are all ones. */
  optionalLong(): number | null {
    const bytes = this.bytes(8);
    const [low, high] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
    if (low === 0xffff_ffff && high === 0xffff_ffff) {
      return null;
    }
    const value = high * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) {
      throw new OutsideFormatError('a number is larger than any file');
    }
    return value;
  }

  /** @throws OutsideFormatError where the next bytes are others */
  expect(...values: number[]): void {
    for (const value of values) {
      if (this.number(1) !== value) {
        throw new OutsideFormatError('a structure has another form');
      }
    }
  }

  expectSignature(signature: string): void {
    this.expect(...Buffer.from(signature, 'latin1'));
  }
}
