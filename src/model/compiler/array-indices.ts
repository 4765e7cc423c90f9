/**
 * The order of tensors that lie one after the other, each of `before` rows, when their rows are put together.
 *
 * @param runs floats of a row of each tensor
 */
export function interleavedIndices(runs: readonly number[], before: number): Int32Array {
  const indices: number[] = [];
  for (let row = 0; row < before; row += 1) {
    let start = 0;
    for (const run of runs) {
      for (let i = 0; i < run; i += 1) {
        indices.push(start + row * run + i);
      }
      start += run * before;
    }
  }
  return Int32Array.from(indices);
}

/** Numbers one after the other, so many times. */
export function tiled(numbers: Float32Array, times: number): Float32Array {
  return times === 1
    ? numbers
    : Float32Array.from(
        { length: numbers.length * times },
        (_, i) => numbers[i % numbers.length] ?? 0,
      );
}

/** Returns whether indices pick all of `count` floats in their order. */
export function isIdentity(indices: Int32Array, count: number): boolean {
  return indices.length === count && indices.every((index, i) => index === i);
}
