import type { Activation } from './activation.js';
import type { Operation, ValueId } from './operation.js';
import type { GruOp, LstmOp, SimpleRnnOp } from './recurrent-op.js';
import type { ConvOp, PoolOp } from './span-op.js';

export type { ValueId } from './operation.js';
export type { GruOp, LstmOp, SimpleRnnOp } from './recurrent-op.js';
export type { ConvOp, PoolOp } from './span-op.js';

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
  | BeginOp
  | RecallOp
  | KeepOp
  | GatherOp
  | ReduceOp
  | MatMulOp;

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
    | 'add'
    | 'subtract'
    | 'multiply'
    | 'average'
    | 'maximum'
    | 'minimum'
    | 'divide';
}

/** Values one after the other. Without state. */
export interface ConcatenateOp extends Operation {
  readonly kind: 'concatenate';
  /** All that it reads; `input` is the first of them. */
  readonly inputs: readonly ValueId[];
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
 * The states that a recurrent operation behind it begins with, where they are no zeros: passes its inputs on, and at
 * the first since the reset writes `states` over that operation's own.
 */
export interface BeginOp extends Operation {
  readonly kind: 'begin';
  /** As many floats as are written. */
  readonly states: Float32Array;
  /** State of the other operation: where they go. */
  readonly statesOffset: number;
  /** State: one float, 1 once they were written. */
  readonly begunOffset: number;
}

/**
 * Floats of the state as they are when it runs, as a value: a state that another operation has after this step, or what
 * a `keep` behind it has kept of the step before. The input says no more than when it runs.
 */
export interface RecallOp extends Operation {
  readonly kind: 'recall';
  /** State of another operation: as many floats as the output has. */
  readonly stateOffset: number;
}

/** Passes its inputs on, and keeps them in the state. */
export interface KeepOp extends Operation {
  readonly kind: 'keep';
  /** State: as many floats as the input has. */
  readonly stateOffset: number;
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

/** All values that an operation reads. */
export function inputsOf(op: StepOp): readonly ValueId[] {
  switch (op.kind) {
    case 'merge':
    case 'concatenate':
      return op.inputs;
    case 'matMul':
      return [op.input, op.right];
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
    case 'globalPool':
      return op.mask === null ? [op.input] : [op.input, op.mask];
    case 'dense':
    case 'timeDense':
    case 'activation':
    case 'affine':
    case 'prelu':
    case 'layerNorm':
    case 'mask':
    case 'conv':
    case 'pool':
    case 'skip':
    case 'begin':
    case 'recall':
    case 'keep':
    case 'gather':
    case 'reduce':
      return [op.input];
  }
}

/** All values that an operation writes. */
export function outputsOf(op: StepOp): readonly ValueId[] {
  switch (op.kind) {
    case 'mask':
      return [op.output, op.mask];
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
    case 'dense':
    case 'timeDense':
    case 'activation':
    case 'affine':
    case 'prelu':
    case 'layerNorm':
    case 'merge':
    case 'concatenate':
    case 'conv':
    case 'pool':
    case 'globalPool':
    case 'skip':
    case 'begin':
    case 'recall':
    case 'keep':
    case 'gather':
    case 'reduce':
    case 'matMul':
      return [op.output];
  }
}
