import type { Mode, StreamPlan } from '../model/plan.js';

/**
 * A plan in one mode: what an engine is built from.
 *
 * The state is one Float32Array of `stateSize` floats, the same for every engine:
 *
 *     [seen, phase, lane 0 ..., lane 1 ..., ...]
 *
 * - `seen`: samples since the last reset, saturating at 2^24 - 1. All zeros is the reset state.
 * - `phase`: continuous 0; sequence the position in the window, 0 to window - 1; sliding the
 *   sample's number modulo `lanes * stride`.
 * - a lane: `plan.laneStateSize` floats, tensors at the offsets that the plan names.
 *
 * In `sliding` lane j begins a new window (zeroed) at phase `j * stride`, so its age at phase p is
 * `(p - j * stride) mod (lanes * stride)`; it steps while its age is below `window`, and gives the
 * output of its window at age `window - 1`, provided that `seen` counts at least a whole window.
 * In `continuous` and `sequence` there is one lane, whose age is the phase.
 */
export interface StepProgram {
  readonly plan: StreamPlan;
  readonly mode: Mode;
  /** Steps of a window (T); 1 in `continuous` where the model takes any number. */
  readonly window: number;
  /** Samples from one window's start to the next, in `sliding`; 1 elsewhere. */
  readonly stride: number;
  /** `ceil(window / stride)` in `sliding`, 1 elsewhere. */
  readonly lanes: number;
  /** Samples after a reset from which an output counts as warm. */
  readonly warmupSamples: number;
  /** Floats of the whole state. */
  readonly stateSize: number;
  /** Floats of one row of outputs. */
  readonly outputSize: number;
}

/** Floats before the first lane in the state. */
export const stateHeaderSize = 2;

/** `seen` stops here: the last integer up to which a float32 counts by ones. */
export const seenLimit = 2 ** 24 - 1;

/**
 * A state value beyond this magnitude counts as exploded: float32 can no longer add 1 to it, so
 * the memory it stands for is gone (an unbounded relu cell gets there, and soon to infinity).
 */
export const stateLimit = 2 ** 24;
