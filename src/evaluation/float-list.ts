const firstCapacity = 1024;

/** Floats that come one at a time, kept in one array that doubles when it is full. */
export class FloatList {
  #values = new Float32Array(firstCapacity);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The floats so far, as a view that the next `push` may leave behind. */
  get values(): Float32Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float32Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }
}

/** All floats of some lists in one new array. */
export function joined(lists: readonly FloatList[]): Float32Array {
  const all = new Float32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const list of lists) {
    all.set(list.values, offset);
    offset += list.length;
  }
  return all;
}
