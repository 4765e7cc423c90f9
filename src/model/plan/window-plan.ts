import type { StepOp, ValueId } from './step-op.js';

/** A value over a whole window: (steps, size), row-major. A vector has one step. */
export interface WindowValue {
  readonly steps: number;
  readonly size: number;
}

/**
 * A model computed on a whole window at once, layer by layer, as Keras' `predict` does. The state
 * of a program that runs it is one lane that holds the last `window` samples, oldest first.
 * The `ValueId`s of its operations are indices into `values`; value 0 is the window of samples.
 */
export interface WindowPlan {
  readonly values: readonly WindowValue[];
  /** In the order of computation. */
  readonly ops: readonly WindowOp[];
  /** For each of the plan's outputs the value whose last step it is. */
  readonly outputs: readonly ValueId[];
  /** Floats of the state that the step operations of scans have; zeroed before each `scan`. */
  readonly scratchSize: number;
}

/** A value of one step that is copied into the state of a scan, or out of it. */
export interface ScanState {
  readonly value: ValueId;
  /** In floats of the scratch. */
  readonly offset: number;
}

export type WindowOp =
  /**
   * Runs a step operation over the steps of its inputs, its state from zeros. Fresh outputs are
   * appended in order until the output is full; of a longer run only the last are kept
   * (`return_sequences=False` keeps one). `reverse` runs from the last step to the first, and puts
   * outputs back into the order of time. All inputs have the same steps. A window in which a run
   * leaves its output short (every step was masked) has no output. The state begins with zeros, but
   * for what `initial` copies into it; after the last step `final` copies parts of it into values.
   */
  | {
      readonly kind: 'scan';
      readonly op: StepOp;
      readonly reverse: boolean;
      readonly initial?: readonly ScanState[];
      readonly final?: readonly ScanState[];
    }
  /** Steps of `value` before and after. */
  | {
      readonly kind: 'pad';
      readonly layer: string;
      readonly input: ValueId;
      readonly output: ValueId;
      readonly before: number;
      readonly after: number;
      readonly value: number;
    }
  /** Drops steps from the beginning; the output says how many are kept. */
  | {
      readonly kind: 'crop';
      readonly layer: string;
      readonly input: ValueId;
      readonly output: ValueId;
      readonly before: number;
    }
  /** A vector as every step of a sequence (RepeatVector). */
  | {
      readonly kind: 'repeat';
      readonly layer: string;
      readonly input: ValueId;
      readonly output: ValueId;
    }
  /** The same floats under another shape (Flatten, Reshape). */
  | {
      readonly kind: 'reshape';
      readonly layer: string;
      readonly input: ValueId;
      readonly output: ValueId;
    }
  /** Steps and features change places (Permute). */
  | {
      readonly kind: 'transpose';
      readonly layer: string;
      readonly input: ValueId;
      readonly output: ValueId;
    };
