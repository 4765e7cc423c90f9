/** Applies an activation in place to `size` values from `from`. */
export type ApplyActivation = (values: Float64Array, from: number, size: number) => void;

export function softmax(values: Float64Array, from: number, size: number): void {
  const total = logSumExp(values, from, size);
  for (let i = from; i < from + size; i += 1) {
    values[i] = Math.exp(values[i] - total);
  }
}

export function logSoftmax(values: Float64Array, from: number, size: number): void {
  const total = logSumExp(values, from, size);
  for (let i = from; i < from + size; i += 1) {
    values[i] -= total;
  }
}

/** `log(sum(e^x))`, with the maximum taken out so that no exponential overflows. */
function logSumExp(values: Float64Array, from: number, size: number): number {
  let most = -Infinity;
  for (let i = from; i < from + size; i += 1) {
    most = Math.max(most, values[i]);
  }
  let sum = 0;
  for (let i = from; i < from + size; i += 1) {
    sum += Math.exp(values[i] - most);
  }
  return most + Math.log(sum);
}

/** See `Activation` for the formula. */
export function sparsemax(): ApplyActivation {
  let sorted = new Float64Array(0);
  return (values, from, size) => {
    if (sorted.length !== size) {
      sorted = new Float64Array(size);
    }
    for (let i = 0; i < size; i += 1) {
      sorted[i] = values[from + i];
    }
    sorted.sort();
    let cumulative = 0;
    let supported = 0;
    let sum = 0;
    for (let r = 1; r <= size; r += 1) {
      const value = sorted[size - r];
      cumulative += value;
      if (!(value - (cumulative - 1) / r > 0)) {
        continue;
      }
      supported += 1;
      sum += cumulative;
    }
    const tau = (sum - 1) / supported;
    for (let i = from; i < from + size; i += 1) {
      values[i] = Math.max(values[i] - tau, 0);
    }
  };
}
