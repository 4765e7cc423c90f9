import type { Activation } from './activation.js';

/** A value of one step, by its index in `StreamPlan.valueSizes`. Value 0 is the input sample. */
export type ValueId = number;

/**
 * One operation of a step: it reads values, computes, and writes a value of its own.
 *
 * **Fresh.** A value is *fresh* in a step in which its operation wrote it; the input sample always
 * is. An operation runs only in a step in which all of its inputs are fresh. In any other step it
 * changes neither its state nor its output, which is then not fresh. Every operation gives a fresh
 * output when it runs, unless its description says when it does not: so a strided convolution
 * makes all operations behind it run at every `stride`-th step only.
 *
 * **State.** An operation that remembers has tensors in the state of a lane, at offsets counted in
 * floats from the start of the lane. All zeros is the state at a reset. A count is kept as a float;
 * an operation that finds a count which no step leaves (in a damaged file) writes NaN in its place,
 * for which the engine resets the state.
 *
 * **Shapes.** Tensors are row-major and float32. `inputs` is the size of the value `input`, `units`
 * or `size` that of the value `output`.
 */
export type StepOp =
  | LstmOp
  | GruOp
  | SimpleRnnOp
  | DenseOp
  | TimeDenseOp
  | ActivationOp
  | AffineOp
  | PreluOp
  | LayerNormOp
  | MaskOp
  | MergeOp
  | ConcatenateOp
  | ConvOp
  | PoolOp
  | GlobalPoolOp
  | SkipOp
  | GatherOp
  | ReduceOp
  | MatMulOp;

interface Operation {
  /** Name of the layer that it computes, for messages; `outer/inner` when nested. */
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
}

/**
 * A recurrent layer: the h of the state goes from step to step, and the output is the new h. In a
 * step whose mask is 0 the state stays as it was and the output, fresh, is the h in it. `softmax` and
 * its kin are over the `units` of one gate, of the candidate, or of c.
 */
interface RecurrentOp extends Operation {
  readonly units: number;
  /** A value of one float, 0 or 1, from a `MaskOp`; an input like any other. Null without a mask. */
  readonly mask: ValueId | null;
  readonly activation: Activation;
  /** State: h, `units` floats. */
  readonly hOffset: number;
}

/**
 * Keras LSTM: `z = x W + h U + b` for the gates i, f, g, o in this order;
 * `c' = f c + i g`, `h' = o act(c')`, where g has the activation and i, f, o the recurrent one.
 */
export interface LstmOp extends RecurrentOp {
  readonly kind: 'lstm';
  /** W, (inputs, 4 units). */
  readonly kernel: Float32Array;
  /** U, (units, 4 units). */
  readonly recurrentKernel: Float32Array;
  /** b, (4 units), or null. */
  readonly bias: Float32Array | null;
  readonly recurrentActivation: Activation;
  /** State: c, `units` floats. */
  readonly cOffset: number;
}

/**
 * Keras GRU, gates z, r, h in this order: `h' = z h + (1 - z) candidate`. With `resetAfter` the
 * candidate is `act(x Wh + bh + r (h Uh + rbh))`, else `act(x Wh + bh + (r h) Uh)`.
 */
export interface GruOp extends RecurrentOp {
  readonly kind: 'gru';
  /** W, (inputs, 3 units). */
  readonly kernel: Float32Array;
  /** U, (units, 3 units). */
  readonly recurrentKernel: Float32Array;
  /** b, (3 units), or null. */
  readonly bias: Float32Array | null;
  /** rb, (3 units), or null; always null without `resetAfter`. */
  readonly recurrentBias: Float32Array | null;
  readonly resetAfter: boolean;
  readonly recurrentActivation: Activation;
}

/** Keras SimpleRNN: `h' = act(x W + h U + b)`. */
export interface SimpleRnnOp extends RecurrentOp {
  readonly kind: 'simpleRnn';
  /** W, (inputs, units). */
  readonly kernel: Float32Array;
  /** U, (units, units). */
  readonly recurrentKernel: Float32Array;
  /** b, (units), or null. */
  readonly bias: Float32Array | null;
}

/** `act(x W + b)`. Without state. */
export interface DenseOp extends Operation {
  readonly kind: 'dense';
  /** W, (inputs, units). */
  readonly kernel: Float32Array;
  /** b, (units), or null. */
  readonly bias: Float32Array | null;
  readonly activation: Activation;
}

/**
 * `Flatten -> Dense` over a window, as a sum over time: at the t-th fresh input since the reset
 * (t from 0) `acc += x W[t]`, and the output is `act(acc + b)`. Steps still to come count as zeros, so
 * the output equals Keras' at the last step of the window.
 */
export interface TimeDenseOp extends Operation {
  readonly kind: 'timeDense';
  /** W, (steps, inputs, units). */
  readonly kernel: Float32Array;
  /** b, (units), or null. */
  readonly bias: Float32Array | null;
  readonly activation: Activation;
  /** State: acc, `units` floats. At position 0 it begins from zeros, whatever it held. */
  readonly accOffset: number;
  /** State: the position t, one float from 0 to `steps - 1`; back to 0 after the last. */
  readonly positionOffset: number;
}

/** `act(x)`. Without state. */
export interface ActivationOp extends Operation {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/** `x * scale + shift`, for normalisations and rescaling. Without state. */
export interface AffineOp extends Operation {
  readonly kind: 'affine';
  /** (size). */
  readonly scale: Float32Array;
  /** (size). */
  readonly shift: Float32Array;
}

/**
 * `x > 0 ? x : alpha[t] x`, where t is the number of the fresh input since the reset. Keras has one
 * alpha for all steps where the time axis is shared, and else one for each step of the window.
 */
export interface PreluOp extends Operation {
  readonly kind: 'prelu';
  /** (steps, size). */
  readonly alpha: Float32Array;
  /** 1 where all steps share their alpha. */
  readonly steps: number;
  /** State: the position t, as in `TimeDenseOp`; null with one step, where there is no state. */
  readonly positionOffset: number | null;
}

/** `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, over the value. Without state. */
export interface LayerNormOp extends Operation {
  readonly kind: 'layerNorm';
  /** (size), or null for ones. */
  readonly gamma: Float32Array | null;
  /** (size), or null for zeros. */
  readonly beta: Float32Array | null;
  readonly epsilon: number;
}

/**
 * Keras Masking: the mask is 0 where every float of x equals `maskValue` in float32, and else 1. The
 * output is `x * mask`. Without state.
 */
export interface MaskOp extends Operation {
  readonly kind: 'mask';
  readonly maskValue: number;
  /** The second value that it writes: one float, as fresh as the output. */
  readonly mask: ValueId;
}

/** Two or more values of one size, combined float by float, from the first on. Without state. */
export interface MergeOp extends Operation {
  readonly kind: 'merge';
  /** All that it reads; `input` is the first of them. */
  readonly inputs: readonly ValueId[];
  /** `subtract` and `divide` take two inputs. */
  readonly operation:
    'add' | 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum' | 'divide';
}

/** Values one after the other. Without state. */
export interface ConcatenateOp extends Operation {
  readonly kind: 'concatenate';
  /** All that it reads; `input` is the first of them. */
  readonly inputs: readonly ValueId[];
}

/**
 * A convolution or a pooling over time, with a span of `R = dilation (size - 1) + 1` inputs. Let n
 * count the inputs from 0 at the reset, and let `first = R - 1 - padBefore`. The output is fresh at
 * the inputs `n = first + m stride` for m = 0, 1, 2 ... It covers the inputs from n - R + 1 to n, of
 * which those before 0 are padding.
 */
interface SpanOp extends Operation {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first input, at most R - 1. */
  readonly padBefore: number;
  /** State: the last R - 1 inputs, oldest first, (R - 1, inputs); zeros where there were none yet. */
  readonly historyOffset: number;
  /** State: one float, the inputs since the reset; at `first + stride` it goes back to `first`. */
  readonly countOffset: number;
}

/** Keras Conv1D and DepthwiseConv1D, where padding counts as zeros. */
export interface ConvOp extends SpanOp {
  readonly kind: 'conv';
  /** (size, inputs / groups, filters); filter f belongs to group `f / (filters / groups)`. */
  readonly kernel: Float32Array;
  /** (filters), or null. */
  readonly bias: Float32Array | null;
  /** 1 for a full convolution, `inputs` for a depthwise one. */
  readonly groups: number;
  readonly activation: Activation;
}

/**
 * Keras MaxPooling1D and AveragePooling1D, each feature by itself. Padding is neither looked at nor
 * counted. The dilation is 1.
 */
export interface PoolOp extends SpanOp {
  readonly kind: 'pool';
  readonly operation: 'maximum' | 'average';
  /**
   * State: one float, the inputs since the reset, stopping at R - 1, which tells inputs from padding.
   * Null without padding.
   */
  readonly seenOffset: number | null;
}

/**
 * The mean or the maximum of all inputs since the reset, each feature by itself. Masked inputs are
 * left out: after one the output is fresh and what it was before. It is not fresh before the first
 * input that is not masked.
 */
export interface GlobalPoolOp extends Operation {
  readonly kind: 'globalPool';
  readonly operation: 'maximum' | 'average';
  /** State: the sum or the maximum so far, (inputs). */
  readonly accOffset: number;
  /** State: one float, the inputs so far that were not masked, stopping at 2^24 - 1. */
  readonly countOffset: number;
  /** As in `RecurrentOp`. */
  readonly mask: ValueId | null;
}

/**
 * Keras Cropping1D at the beginning: passes its inputs on, except the first `count` since the reset,
 * for which the output is not fresh.
 */
export interface SkipOp extends Operation {
  readonly kind: 'skip';
  readonly count: number;
  /** State: one float, the inputs since the reset, stopping at `count`. */
  readonly countOffset: number;
}

/**
 * `y[i] = x[indices[i]]`, and 0 where the index is -1: floats that are picked, repeated, put into
 * another order or surrounded by zeros. Without state.
 */
export interface GatherOp extends Operation {
  readonly kind: 'gather';
  /** As many as the output has floats, from -1 to `inputs - 1`. */
  readonly indices: Int32Array;
}

/**
 * Each float of the output is the sum, the mean, the maximum or the minimum of `inputs / size` floats,
 * which lie one after the other in the input. Without state.
 */
export interface ReduceOp extends Operation {
  readonly kind: 'reduce';
  readonly operation: 'sum' | 'mean' | 'maximum' | 'minimum';
}

/** `count` products of matrices that are both values. Without state. */
export interface MatMulOp extends Operation {
  readonly kind: 'matMul';
  /** The right factor, (count, inner, columns); the left one, (count, rows, inner), is `input`. */
  readonly right: ValueId;
  readonly count: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}
