/*
 * NVIDIA's library has the weights in another layout (tf_keras/saving/legacy/hdf5_format.py,
 * `_convert_rnn_weights`): each gate's kernel is laid out by columns, its recurrent kernel is
 * transposed, and there are two biases.
 */

/**
 * @param kernel (inputs, gates x units) as the file has it
 * @returns the kernel of a Keras layer, (inputs, gates x units), row-major
 */
export function fromCudnnKernel(kernel: Float32Array, inputs: number, gates: number): Float32Array {
  const width = kernel.length / inputs;
  const units = width / gates;
  return kernel.map((_, at) => {
    const row = Math.floor(at / width);
    const gate = Math.floor((at % width) / units);
    // The index in the gate's block, which is read as if it had been laid out by columns.
    const index = (at % units) * inputs + row;
    return kernel[Math.floor(index / units) * width + gate * units + (index % units)] ?? 0;
  });
}

/**
 * @param kernel (units, gates x units) as the file has it
 * @returns the recurrent kernel of a Keras layer, (units, gates x units), row-major
 */
export function fromCudnnRecurrent(
  kernel: Float32Array,
  units: number,
  gates: number,
): Float32Array {
  const width = gates * units;
  return kernel.map((_, at) => {
    const row = Math.floor(at / width);
    const gate = Math.floor((at % width) / units);
    return kernel[(at % units) * width + gate * units + row] ?? 0;
  });
}

/** The sum of both biases: (8 units) become (4 units). */
export function fromCudnnBias(bias: Float32Array): Float32Array {
  const half = bias.length / 2;
  return bias.slice(0, half).map((value, i) => value + (bias[half + i] ?? 0));
}
