/** The bytes that came since the last row: how many, and the last of them. Bounded; allocates nothing. */
export class UnreadBytes {
  count = 0;
  readonly #last = new Uint8Array(256);
  #length = 0;

  add(chunk: Uint8Array): void {
    this.count += chunk.length;
    const size = this.#last.length;
    const tail = chunk.subarray(Math.max(0, chunk.length - size));
    const kept = Math.min(this.#length, size - tail.length);
    this.#last.copyWithin(0, this.#length - kept, this.#length);
    this.#last.set(tail, kept);
    this.#length = kept + tail.length;
  }

  /** The last bytes, at most 256; overwritten by the next `add`. */
  get last(): Uint8Array {
    return this.#last.subarray(0, this.#length);
  }

  clear(): void {
    this.count = 0;
    this.#length = 0;
  }
}
