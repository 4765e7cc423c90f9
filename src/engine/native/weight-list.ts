/** The offset, the value or the mask of an operation that has none. */
export const none = -1;

/** Tensors one after the other: the weights of an encoded program. */
export class WeightList {
  readonly #parts: Float32Array[] = [];
  #length = 0;

  /** @returns the offset that the tensor will have, in floats; `none` for null */
  add(tensor: Float32Array | null): number {
    if (tensor === null) {
      return none;
    }
    const offset = this.#length;
    this.#parts.push(tensor);
    this.#length += tensor.length;
    return offset;
  }

  addNumbers(...values: number[]): number {
    return this.add(Float32Array.from(values));
  }

  concatenated(): Float32Array {
    const all = new Float32Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }
}
