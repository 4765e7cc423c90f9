import type { Activation } from './activation.js';
import type { Operation, ValueId } from './operation.js';

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
  /** Bounds what gates and candidate are functions of to `[-clip, clip]`; absent for no bound. */
  readonly clip?: number;
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
  /** p, (3, units), of i, f and o: `p c` is added to the z of i and f, and `p c'` to that of o. */
  readonly peepholes?: Float32Array;
  /** The activation of c', where it is another than that of g. */
  readonly stateActivation?: Activation;
  /** True where f is `1 - i`, whatever its weights are. */
  readonly isCoupled?: boolean;
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
