import type { Activation } from './activation.js';
import type { Operation } from './operation.js';

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
 * counted.
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
