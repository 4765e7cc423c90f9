import type { InputAxis } from './input-options.js';
import type { IndexFeature, ModelInput } from './model-input.js';
import type { HalfPrecision } from './half-precision.js';
import type { StepOp, ValueId } from './step-op.js';
import type { WindowPlan } from './window-plan.js';

export type { Activation } from './activation.js';
export type { StepOp, ValueId } from './step-op.js';

/** The most steps that a state counts, and so those of a window: a float32 counts by ones up to 2^24. */
export const seenLimit = 2 ** 24 - 1;

export const modes = ['continuous', 'sequence', 'sliding'] as const;
export type Mode = (typeof modes)[number];

/** True when a mode gives exactly what Keras gives, or the layer and the reason why not. */
export type ModeVerdict =
  | { readonly exact: true }
  | { readonly exact: false; readonly layer: string; readonly reason: string };

/** A tensor of a lane's state, as users name it: of `lstm_1` the first is h, the second c. */
export interface StateTensor {
  /** Layer name; `outer/inner` when nested. */
  readonly layer: string;
  /** Index of the layer in `model.layers`, as in the HDF5 name `states_<layer>_<index>`. */
  readonly layerIndex: number;
  readonly role: 'h' | 'c' | 'accumulator' | 'history' | 'counter' | 'held';
  /** Floats from the start of a lane. */
  readonly offset: number;
  readonly size: number;
}

/** A line of `model.summary()`, for people to read. */
export interface LayerSummary {
  readonly name: string;
  readonly className: string;
  /** Output shape without the batch; null where a dimension may be any. */
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** How it streams, in a few words: `state carried`, `pointwise`, `sum over time` ... */
  readonly streaming: string;
}

/**
 * The part of an output with a time axis that a row has: `last`, its newest step, which every mode has; `whole`, all
 * steps of the window, oldest first, which only `sliding` has.
 */
export type OutputPart = (typeof outputParts)[number];
export const outputParts = ['last', 'whole'] as const;

export interface ModelOutput {
  readonly name: string;
  readonly value: ValueId;
  /** Floats in a row: of the last step, or of all `shape` where whole outputs were asked for. */
  readonly size: number;
  /** As the model gives it, without the batch: (size), or (steps, size) with null for any number of steps. */
  readonly shape: readonly (number | null)[];
  /** Steps of a `shape` (size) that the model gives as (rowSteps, size / rowSteps), which stand in a row. */
  readonly rowSteps?: number;
  /**
   * State: the last fresh row of this output, `size` floats; null where every step gives a fresh one.
   * A window's last step gives the row that is held here when it has no fresh one.
   */
  readonly heldOffset: number | null;
  /** State: one float, 1 once a row is held; null where `heldOffset` is. */
  readonly holdsOffset: number | null;
}

/** A model of any file, as step operations: all that an engine sees of it. */
export interface StreamPlan {
  readonly name: string;
  /** Says who wrote the file, e.g. `Keras 3.15.1, .keras`. */
  readonly origin: string;
  /** SHA-256 of the model file, lower-case hex. */
  readonly sha256: string;
  /** Floats of one input sample (F). */
  readonly features: number;
  /** The inputs with a time axis, in the order of the model. */
  readonly inputs: readonly ModelInput[];
  /** The numbers of the inputs without a time axis. */
  readonly constants: Readonly<Record<string, readonly number[]>>;
  /** True where the caller has said which inputs take samples, and the others are states. */
  readonly areStatesSaid?: boolean;
  /** Outputs that are the number of a class in the file (ArgMax) and the score of each in a row. */
  readonly classOutputs?: readonly string[];
  /** The axes of its input, where the caller has said them. */
  readonly inputAxes?: readonly InputAxis[];
  /** The features that must be whole numbers. */
  readonly indexFeatures: readonly IndexFeature[];
  /** Steps of the model's input (T); null where it takes any number. */
  readonly window: number | null;
  readonly layers: readonly LayerSummary[];
  /** The layers that Keras computes in 16 bits, and this program in float32; null where there are none. */
  readonly halfPrecision: HalfPrecision | null;
  /** In the order of computation; empty where only the whole window can be computed. */
  readonly ops: readonly StepOp[];
  /** Floats of each value; `valueSizes[0]` is `features`. */
  readonly valueSizes: readonly number[];
  /** In model order; a row of outputs is all of them one after the other. */
  readonly outputs: readonly ModelOutput[];
  /** Names of the losses that the outputs were trained with, as `mean_squared_error`; null where the file does not tell. */
  readonly losses: readonly (string | null)[];
  /** True when the model was trained with the state carried from one window to the next (`stateful=True`). */
  readonly isStateful: boolean;
  readonly state: readonly StateTensor[];
  /** Floats of one lane's state. */
  readonly laneStateSize: number;
  /**
   * The whole window at once, for `sliding` where the steps alone would not be exact
   * (Bidirectional, padding that looks ahead ...); null where they are.
   */
  readonly windowPlan: WindowPlan | null;
  readonly modes: Readonly<Record<Mode, ModeVerdict>>;
}
