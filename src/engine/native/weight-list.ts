/** The offset, the value or the mask of an operation that has none. */
export const none = -1;

/** Tensors that are numbered as if they lay one after the other: the weights of an encoded program. */
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

  /** The tensors themselves, of which no copy is made. */
  parts(): readonly Float32Array[] {
    return this.#parts;
  }
}
