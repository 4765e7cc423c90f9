/** Bytes that lie in a file or in memory, of which parts are read where they are needed. */
export interface ByteSource {
  readonly size: number;
  /**
   * A few bytes, for metadata. The buffer may be a view of memory that others read as well: it is not
   * to be written to.
   *
   * @throws RangeError where they do not lie within the source
   * @throws LstmdError when the file cannot be read
   */
  view(at: number, length: number): Buffer;
  /**
   * Reads as many bytes as `target` has, from `at` on, straight into it.
   *
   * @param signal ends the reading, which then throws its reason
   * @throws as `view` does
   */
  readInto(target: Uint8Array, at: number, signal?: AbortSignal): Promise<void>;
  /** A part of the source, as a source of its own. */
  part(at: number, size: number): ByteSource;
}

/** @throws RangeError where a part does not lie within a source of `size` bytes */
export function checkWithin(size: number, at: number, length: number): void {
  if (!(at >= 0 && length >= 0 && at + length <= size)) {
    throw new RangeError(`bytes ${at} to ${at + length} are not within ${size}`);
  }
}

/** A source whose bytes are in memory. */
export class MemorySource implements ByteSource {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.#bytes.length;
  }

  view(at: number, length: number): Buffer {
    checkWithin(this.size, at, length);
    return this.#bytes.subarray(at, at + length);
  }

  readInto(target: Uint8Array, at: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    target.set(this.view(at, target.length));
    return Promise.resolve();
  }

  part(at: number, size: number): ByteSource {
    return new MemorySource(this.view(at, size));
  }
}

/** All bytes of a source, in memory of their own. */
export async function allBytes(source: ByteSource, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(source.size);
  await source.readInto(bytes, 0, signal);
  return bytes;
}

const pieceBytes = 2 ** 20;

/**
 * Shows all bytes of a source one piece after the other.
 *
 * @param look is called with memory that the next piece is written to
 */
export async function forEachPiece(
  source: ByteSource,
  look: (piece: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  const memory = new Uint8Array(Math.min(source.size, pieceBytes));
  for (let at = 0; at < source.size; at += memory.length) {
    const piece = memory.subarray(0, Math.min(memory.length, source.size - at));
    await source.readInto(piece, at, signal);
    look(piece);
  }
}
