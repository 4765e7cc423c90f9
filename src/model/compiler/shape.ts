/** The sizes of a tensor's axes, without the batch. */
export type Shape = readonly number[];

/** Numbers in a tensor of a shape; 1 for no axes. */
export function product(sizes: Shape): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** Floats from one index of each axis to the next, row-major. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

/**
 * For each position of a tensor of `shape`, row by row, `offset` plus the sum of its indices times the
 * strides.
 */
export function stridedIndices(shape: Shape, strides: readonly number[], offset = 0): Int32Array {
  const indices = new Int32Array(product(shape)).fill(offset);
  let repeats = indices.length;
  for (const [axis, size] of shape.entries()) {
    const stride = strides[axis] ?? 0;
    repeats /= size;
    for (let i = 0; i < indices.length; i += 1) {
      indices[i] = (indices[i] ?? 0) + (Math.floor(i / repeats) % size) * stride;
    }
  }
  return indices;
}

/** The shape of what tensors of these shapes are broadcast to; undefined where they do not fit. */
export function broadcastShape(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = -rank; axis < 0; axis += 1) {
    const [left, right] = [a.at(axis) ?? 1, b.at(axis) ?? 1];
    if (
      a.length + axis >= 0 &&
      b.length + axis >= 0 &&
      left !== right &&
      left !== 1 &&
      right !== 1
    ) {
      return undefined;
    }
    shape.push(a.length + axis < 0 ? right : b.length + axis < 0 || right === 1 ? left : right);
  }
  return shape;
}

export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
