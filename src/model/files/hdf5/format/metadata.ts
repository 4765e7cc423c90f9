import type { ByteSource } from '../../byte-source.js';
import { OutsideFormatError } from './outside-format.js';

/** Bytes of metadata that are looked at in one file: several times what the largest model has. */
const maxMetadataBytes = 2 ** 26;

/**
 * The bytes of an HDF5 file by their addresses. What can be read is bounded altogether, so that a file
 * whose parts refer to each other without end comes to one.
 */
export class Metadata {
  readonly #source: ByteSource;
  readonly #end: number;
  #bytesLeft = maxMetadataBytes;

  /** @param end address where the file ends by its own account */
  constructor(source: ByteSource, end: number) {
    if (end > source.size) {
      throw new OutsideFormatError('the file is cut off');
    }
    this.#source = source;
    this.#end = end;
  }

  /** @throws OutsideFormatError where they do not lie within the file, or are too many */
  view(at: number, length: number): Buffer {
    this.check(at, length);
    this.#bytesLeft -= length;
    if (this.#bytesLeft < 0) {
      throw new OutsideFormatError('the file has too much metadata');
    }
    return this.#source.view(at, length);
  }

  /** @throws OutsideFormatError for bytes that do not lie within the file */
  check(at: number, length: number): void {
    if (at + length > this.#end) {
      throw new OutsideFormatError('an address lies outside of the file');
    }
  }
}
