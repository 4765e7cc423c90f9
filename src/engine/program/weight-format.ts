import type { StreamPlan } from '../../model/plan/stream-plan.js';
import type { StepOp, ValueId } from '../../model/plan/step-op.js';
import type { WindowOp, WindowPlan } from '../../model/plan/window-plan.js';

export const weightFormats = ['f32', 'bf16', 'int8'] as const;

/**
 * How large matrices are kept: `f32`, float32; `bf16`, the upper half of a float32, rounded to nearest
 * even; `int8`, whole numbers from -127 to 127 times a scale of each unit (gate, filter). Arithmetic,
 * biases and the state are float32 with each of them.
 */
export type WeightFormat = (typeof weightFormats)[number];

/** The least normal float32: a smaller scale is taken for 0, and its weights with it. */
const minScale = 2 ** -126;
const largestInt8 = 127;

/**
 * A copy of a plan with the kernels of recurrent layers, Dense and convolutions rounded to what a
 * format can hold: every engine then computes with the same numbers, however it keeps them. The
 * kernel of a `timeDense`, which is summed over the steps of a window, stays float32.
 */
export function roundWeights(plan: StreamPlan, format: WeightFormat): StreamPlan {
  if (format === 'f32') {
    return plan;
  }
  const { windowPlan } = plan;
  return {
    ...plan,
    ops: plan.ops.map((op) => roundOperation(op, format, (id) => plan.valueSizes[id])),
    windowPlan: windowPlan && {
      ...windowPlan,
      ops: windowPlan.ops.map((op) => roundWindowOperation(op, format, windowPlan)),
    },
  };
}

function roundWindowOperation(
  op: WindowOp,
  format: WeightFormat,
  { values }: WindowPlan,
): WindowOp {
  if (op.kind !== 'scan') {
    return op;
  }
  return { ...op, op: roundOperation(op.op, format, (id) => values[id].size) };
}

function roundOperation(
  op: StepOp,
  format: WeightFormat,
  sizeOf: (value: ValueId) => number,
): StepOp {
  if ('recurrentKernel' in op) {
    // Products with both kernels are summed, so a unit has one scale for its columns of both.
    const columns = op.recurrentKernel.length / op.units;
    const { length } = op.kernel;
    const both = new Float32Array(length + op.recurrentKernel.length);
    both.set(op.kernel);
    both.set(op.recurrentKernel, length);
    roundColumns(both, columns, format);
    return { ...op, kernel: both.subarray(0, length), recurrentKernel: both.subarray(length) };
  }
  if (!('kernel' in op) || op.kind === 'timeDense') {
    return op;
  }
  return { ...op, kernel: roundColumns(op.kernel.slice(), sizeOf(op.output), format) };
}

/** Rounds a row-major matrix, whose columns are the units, in place. */
function roundColumns(matrix: Float32Array, columns: number, format: WeightFormat): Float32Array {
  if (format === 'bf16') {
    roundToBfloat16(matrix);
  } else {
    for (let column = 0; column < columns; column += 1) {
      roundToInt8(matrix, column, columns);
    }
  }
  return matrix;
}

function roundToInt8(matrix: Float32Array, column: number, columns: number): void {
  let largest = 0;
  for (let i = column; i < matrix.length; i += columns) {
    largest = Math.max(largest, Math.abs(matrix[i]));
  }
  const scale = Math.fround(largest / largestInt8);
  for (let i = column; i < matrix.length; i += columns) {
    matrix[i] = scale < minScale ? 0 : Math.round(matrix[i] / scale) * scale;
  }
}

/** A number that would round to infinity is cut off instead, to the largest bfloat16. */
function roundToBfloat16(matrix: Float32Array): void {
  const bits = new Uint32Array(matrix.buffer, matrix.byteOffset, matrix.length);
  const upperHalf = 0xffff0000;
  const exponent = 0x7f800000;
  for (const [i, word] of bits.entries()) {
    const rounded = word + 0x7fff + ((word >>> 16) & 1);
    bits[i] = ((rounded & exponent) === exponent ? word : rounded) & upperHalf;
  }
}
