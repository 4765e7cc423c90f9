/** Sets y to the bias, or to zeros. */
export function setBias(y: Float64Array, bias: Float32Array | null): void {
  if (bias === null) {
    y.fill(0);
  } else {
    y.set(bias);
  }
}

/** `y += x W`, where W is the (x.length, y.length) matrix that begins at `offset` of the kernel. */
export function multiplyAdd(
  y: Float64Array,
  x: Float32Array | Float64Array,
  kernel: Float32Array,
  offset = 0,
): void {
  const width = y.length;
  for (let row = 0; row < x.length; row += 1) {
    const value = x[row];
    const weights = offset + row * width;
    for (let i = 0; i < width; i += 1) {
      y[i] += value * kernel[weights + i];
    }
  }
}

/** Copies `to.length` floats of the state, from `offset`. */
export function readState(to: Float64Array, state: Float32Array, offset: number): void {
  for (let i = 0; i < to.length; i += 1) {
    to[i] = state[offset + i];
  }
}
