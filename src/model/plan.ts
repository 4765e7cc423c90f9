/** A register of one step: an index into `StreamPlan.valueSizes`. Value 0 is the input sample. */
export type ValueId = number;

/**
 * An elementwise function, or softmax over a whole value. Parameters carry what
 * Keras generations disagree on, so that an engine never asks who wrote the file.
 */
export type Activation =
  | { readonly kind: 'linear' | 'sigmoid' | 'tanh' | 'softmax' }
  | { readonly kind: 'softplus' | 'softsign' | 'exponential' | 'selu' | 'silu' }
  | { readonly kind: 'gelu'; readonly approximate: boolean }
  | { readonly kind: 'elu'; readonly alpha: number }
  /** `x >= maxValue ? maxValue : x >= threshold ? x : negativeSlope * (x - threshold)`. */
  | {
      readonly kind: 'relu';
      readonly negativeSlope: number;
      readonly threshold: number;
      readonly maxValue: number;
    }
  /** `clip(slope * x + offset, 0, 1)`: 0.2 and 0.5 in Keras 2, 1/6 and 0.5 in Keras 3. */
  | { readonly kind: 'hardSigmoid'; readonly slope: number; readonly offset: number };

/** One operation of a step. Offsets into the state are floats from the start of a lane. */
export type StepOp = LstmOp | DenseOp | ActivationOp | TimeDenseOp;

/** `z = x W + h U + b`, gates i, f, g, o; h and c in the state (Keras LSTM). */
export interface LstmOp {
  readonly kind: 'lstm';
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
  readonly units: number;
  /** (inputs, 4 units), row-major. */
  readonly kernel: Float32Array;
  /** (units, 4 units), row-major. */
  readonly recurrentKernel: Float32Array;
  /** (4 units), or null without bias. */
  readonly bias: Float32Array | null;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly hOffset: number;
  readonly cOffset: number;
}

/** `act(x W + b)`. */
export interface DenseOp {
  readonly kind: 'dense';
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
  /** (inputs, units), row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation: Activation;
}

export interface ActivationOp {
  readonly kind: 'activation';
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
  readonly activation: Activation;
}

/**
 * `Flatten -> Dense` over a window as a sum over time: at step t of the window
 * `acc += W[t] x`, output `act(acc + b)`. Steps still to come contribute nothing.
 */
export interface TimeDenseOp {
  readonly kind: 'timeDense';
  readonly layer: string;
  readonly input: ValueId;
  readonly output: ValueId;
  /** (window, inputs, units), row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation: Activation;
  /** The accumulator, `units` floats of the state. */
  readonly accOffset: number;
}

export const modes = ['continuous', 'sequence', 'sliding'] as const;
export type Mode = (typeof modes)[number];

/** Whether a mode gives exactly what Keras gives, or the layer and the reason why not. */
export type ModeVerdict =
  | { readonly exact: true }
  | { readonly exact: false; readonly layer: string; readonly reason: string };

/** A tensor of the state, as users name it (`lstm_1`, index 0 is h, 1 is c). */
export interface StateTensor {
  /** Layer name; `outer/inner` when nested. */
  readonly layer: string;
  /** Index of the layer in `model.layers`, as in the HDF5 name `states_<layer>_<index>`. */
  readonly layerIndex: number;
  readonly role: 'h' | 'c' | 'accumulator';
  /** Floats from the start of a lane. */
  readonly offset: number;
  readonly size: number;
}

/** A line of `model.summary()`: what the file has, for people to read. */
export interface LayerSummary {
  readonly name: string;
  readonly className: string;
  /** Output shape without the batch; null is any. */
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** How it streams, in a few words: `state carried`, `pointwise`, `sum over time` ... */
  readonly streaming: string;
}

export interface ModelOutput {
  readonly name: string;
  readonly value: ValueId;
  readonly size: number;
}

/** What `model/` makes of any model file: all that an engine sees. */
export interface StreamPlan {
  readonly name: string;
  /** Who wrote the file, e.g. `Keras 3.15.1, .keras`. */
  readonly origin: string;
  /** SHA-256 of the model file, lower-case hex. */
  readonly sha256: string;
  /** Values of one input sample (F). */
  readonly features: number;
  /** Steps of the model's input (T); null where it takes any number. */
  readonly window: number | null;
  readonly layers: readonly LayerSummary[];
  /** In the order of computation. */
  readonly ops: readonly StepOp[];
  /** Floats of each value; `valueSizes[0]` is `features`. */
  readonly valueSizes: readonly number[];
  /** In model order; a row of outputs is all of them one after the other. */
  readonly outputs: readonly ModelOutput[];
  readonly state: readonly StateTensor[];
  /** Floats of one lane's state. */
  readonly laneStateSize: number;
  readonly modes: Readonly<Record<Mode, ModeVerdict>>;
}
