/** A register of one step: an index into `StreamPlan.valueSizes`. Value 0 is the input sample. */
export type ValueId = number;

/**
 * An elementwise function, or one over a whole value (softmax and its kin, over the last axis).
 * Parameters carry what Keras generations disagree on, so that an engine never asks who wrote the
 * file. Definitions: keras/src/activations/activations.py.
 */
export type Activation =
  | { readonly kind: 'linear' | 'sigmoid' | 'tanh' | 'softmax' | 'logSoftmax' }
  /**
   * `max(x - tau, 0)` as Keras computes it, which is not the paper's: of x in falling order with
   * cumulative sums s, those are supported where `x_r - (s_r - 1) / r > 0` (r from 1); with k of them
   * `tau = (sum of their s - 1) / k`.
   */
  | { readonly kind: 'sparsemax' }
  | { readonly kind: 'softplus' | 'softsign' | 'exponential' | 'selu' | 'silu' | 'mish' }
  /** log(sigmoid(x)); x - tanh(x); clip(x, -1, 1). */
  | { readonly kind: 'logSigmoid' | 'tanhShrink' | 'hardTanh' }
  /** x * clip(x/6 + 1/2, 0, 1). */
  | { readonly kind: 'hardSilu' }
  | { readonly kind: 'gelu'; readonly approximate: boolean }
  | { readonly kind: 'elu' | 'celu'; readonly alpha: number }
  /** Zero within +-threshold; soft moves what is left towards zero by it. */
  | { readonly kind: 'hardShrink' | 'softShrink'; readonly threshold: number }
  /** 0 up to -1, x from 1, between them (x + 1)^2 / 4. */
  | { readonly kind: 'sparsePlus' }
  /** (x + sqrt(x^2 + b)) / 2. */
  | { readonly kind: 'squareplus'; readonly b: number }
  /** `x >= maxValue ? maxValue : x >= threshold ? x : negativeSlope * (x - threshold)`. */
  | {
      readonly kind: 'relu';
      readonly negativeSlope: number;
      readonly threshold: number;
      readonly maxValue: number;
    }
  /** `clip(slope * x + offset, 0, 1)`: 0.2 and 0.5 in Keras 2, 1/6 and 0.5 in Keras 3. */
  | { readonly kind: 'hardSigmoid'; readonly slope: number; readonly offset: number };

/**
 * One operation of a step. Offsets into the state are floats from the start of a lane.
 *
 * A value is *fresh* in a step when its operation wrote it; the input always is. An operation does
 * its work only when all of its inputs are fresh: otherwise it changes neither its state nor its
 * output, which is then not fresh. Most operations make a fresh output of fresh inputs; those that
 * do not always do so say when.
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
  | SkipOp;

interface Operation {
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
}

/**
 * A recurrent layer: at a step whose mask is 0 the state stays as it was and the output is the h in
 * it; the output is fresh there too. The mask is an input, as for freshness. An activation over a
 * whole value (softmax) is over the `units` of one gate, of the candidate, or of c.
 */
interface RecurrentOp extends Operation {
  readonly units: number;
  /** One float, 0 or 1, from a `MaskOp`; null where nothing is masked. */
  readonly mask: ValueId | null;
  readonly activation: Activation;
  readonly hOffset: number;
}

/** `z = x W + h U + b`, gates i, f, g, o; h and c in the state (Keras LSTM). */
export interface LstmOp extends RecurrentOp {
  readonly kind: 'lstm';
  /** (inputs, 4 units), row-major. */
  readonly kernel: Float32Array;
  /** (units, 4 units), row-major. */
  readonly recurrentKernel: Float32Array;
  /** (4 units), or null without bias. */
  readonly bias: Float32Array | null;
  readonly recurrentActivation: Activation;
  readonly cOffset: number;
}

/**
 * Keras GRU, gates z, r, h: `h' = z h + (1 - z) candidate`.
 * With `resetAfter` the candidate is `act(x Wh + bh + r (h Uh + rbh))`, else `act(x Wh + bh + (r h) Uh)`.
 */
export interface GruOp extends RecurrentOp {
  readonly kind: 'gru';
  /** (inputs, 3 units), row-major. */
  readonly kernel: Float32Array;
  /** (units, 3 units), row-major. */
  readonly recurrentKernel: Float32Array;
  /** (3 units), or null. */
  readonly bias: Float32Array | null;
  /** (3 units), only with `resetAfter`; else null. */
  readonly recurrentBias: Float32Array | null;
  readonly resetAfter: boolean;
  readonly recurrentActivation: Activation;
}

/** `h' = act(x W + h U + b)`. */
export interface SimpleRnnOp extends RecurrentOp {
  readonly kind: 'simpleRnn';
  /** (inputs, units), row-major. */
  readonly kernel: Float32Array;
  /** (units, units), row-major. */
  readonly recurrentKernel: Float32Array;
  readonly bias: Float32Array | null;
}

/** `act(x W + b)`. */
export interface DenseOp extends Operation {
  readonly kind: 'dense';
  /** (inputs, units), row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation: Activation;
}

/**
 * `Flatten -> Dense` over a window as a sum over time: at the t-th fresh input since the reset
 * `acc += W[t] x`, output `act(acc + b)`. Steps still to come contribute nothing.
 */
export interface TimeDenseOp extends Operation {
  readonly kind: 'timeDense';
  /** (steps, inputs, units), row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation: Activation;
  /** The accumulator, `units` floats of the state. */
  readonly accOffset: number;
  /**
   * One float of the state: fresh inputs since the reset, below `steps`; back to 0 after the last.
   * At position 0 the accumulator begins from zeros, whatever it held.
   */
  readonly positionOffset: number;
}

export interface ActivationOp extends Operation {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/** `x * scale + shift`, each as long as the value: normalisations and rescaling. */
export interface AffineOp extends Operation {
  readonly kind: 'affine';
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** `x > 0 ? x : alpha x`; Keras has another alpha for each step where the time axis is not shared. */
export interface PreluOp extends Operation {
  readonly kind: 'prelu';
  /** (steps, size), row-major; one step where all share it. */
  readonly alpha: Float32Array;
  readonly steps: number;
  /** As in `TimeDenseOp`; null with one step. */
  readonly positionOffset: number | null;
}

/** `(x - mean) / sqrt(variance + epsilon) * gamma + beta` over the value. */
export interface LayerNormOp extends Operation {
  readonly kind: 'layerNorm';
  readonly gamma: Float32Array | null;
  readonly beta: Float32Array | null;
  readonly epsilon: number;
}

/** Keras Masking: the mask is 0 where every float equals `maskValue` in float32; the output is `x * mask`. */
export interface MaskOp extends Operation {
  readonly kind: 'mask';
  readonly maskValue: number;
  /** One float, as fresh as the output. */
  readonly mask: ValueId;
}

/** Elementwise over two or more inputs of the output's size; `input` is the first of `inputs`. */
export interface MergeOp extends Operation {
  readonly kind: 'merge';
  readonly inputs: readonly ValueId[];
  /** `subtract` takes two. */
  readonly operation: 'add' | 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum';
}

/** One input after the other; `input` is the first of `inputs`. */
export interface ConcatenateOp extends Operation {
  readonly kind: 'concatenate';
  readonly inputs: readonly ValueId[];
}

/**
 * What convolution and pooling share. With R = dilation (size - 1) + 1, the output of input n (from
 * 0 at the reset) is fresh when n = first + m stride, where first = R - 1 - padBefore; it covers the
 * inputs n - R + 1 to n, of which those before 0 are padding.
 */
interface SpanOp extends Operation {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first input, at most R - 1. */
  readonly padBefore: number;
  /** The last R - 1 inputs, oldest first, `(R - 1) x inputs` floats of the state; zeros at the reset. */
  readonly historyOffset: number;
  /** One float of the state: inputs since the reset, going back to `first` at `first + stride`. */
  readonly countOffset: number;
}

/** Convolution over time; padding counts as zeros. Depthwise is `groups = inputs`. */
export interface ConvOp extends SpanOp {
  readonly kind: 'conv';
  /** (size, inputs / groups, filters), row-major; filter f belongs to group f / (filters / groups). */
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
  readonly groups: number;
  readonly activation: Activation;
}

/** Pooling over time, each feature for itself; padding is not looked at and not counted. Dilation is 1. */
export interface PoolOp extends SpanOp {
  readonly kind: 'pool';
  readonly operation: 'maximum' | 'average';
  /**
   * One float of the state where `padBefore > 0`: inputs since the reset, stopping at R - 1, which
   * tells padding from inputs; else null.
   */
  readonly seenOffset: number | null;
}

/**
 * The mean or the maximum of all inputs since the reset; masked inputs are not looked at: after
 * one the output is what it was, and as fresh as its inputs.
 */
export interface GlobalPoolOp extends Operation {
  readonly kind: 'globalPool';
  readonly operation: 'maximum' | 'average';
  /** The sum or the maximum so far, as long as the value. */
  readonly accOffset: number;
  /**
   * One float: inputs so far that were not masked, saturating at 2^24 - 1. The output is not fresh
   * before there is one.
   */
  readonly countOffset: number;
  readonly mask: ValueId | null;
}

/** Passes inputs on but for the first `count` since the reset (Cropping1D). */
export interface SkipOp extends Operation {
  readonly kind: 'skip';
  readonly count: number;
  /** One float of the state: inputs since the reset, stopping at `count`. */
  readonly countOffset: number;
}
