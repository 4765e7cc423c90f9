import type { OnnxTensor } from '../../../source/onnx-source.js';

/** Gives tensors of the same type, shape and numbers the same number. */
export class TensorNumbers {
  #count = 0;
  readonly #known = new Map<string, { readonly tensor: OnnxTensor; readonly number: number }[]>();

  numberOf(tensor: OnnxTensor): number {
    const key = `${tensor.type} ${tensor.shape.join(',')} ${sampleOf(tensor)}`;
    const alike = this.#known.get(key) ?? [];
    const found = alike.find((one) => isSame(one.tensor, tensor));
    if (found !== undefined) {
      return found.number;
    }
    this.#count += 1;
    alike.push({ tensor, number: this.#count });
    this.#known.set(key, alike);
    return this.#count;
  }
}

/** A few of its numbers, by which most tensors of one shape differ. */
function sampleOf({ data }: OnnxTensor): string {
  const length = data?.length ?? 0;
  return [0, length >> 2, length >> 1, length - 1].map((i) => data?.[i] ?? 0).join(' ');
}

/** Tensors whose numbers are not read are never the same. */
function isSame({ data: a }: OnnxTensor, { data: b }: OnnxTensor): boolean {
  return (
    a !== null &&
    b !== null &&
    (a === b ||
      (a.length === b.length && a.every((one: number, i: number) => Object.is(one, b[i]))))
  );
}
