import { createHash } from 'node:crypto';
import { LstmdError } from '../../base/errors.js';
import { seenLimit, type Mode, type StreamPlan } from '../../model/plan/stream-plan.js';
import { roundWeights, type WeightFormat } from './weight-format.js';

/**
 * A plan in one mode, from which every engine is made.
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
 * In `continuous` and `sequence` there is one lane, whose age is the phase; in `sequence` it is
 * zeroed before the step at age 0. Header and lanes are as they are after the last good sample.
 *
 * A program that runs the plan's `windowPlan` (only in `sliding`, where the steps are not exact) has
 * one lane of `window x features` floats instead, the last samples, oldest first (zeros where there
 * were none yet); its phase is the sample's number modulo `stride`, and it gives an output at every
 * `stride`-th sample from the `window`-th on.
 *
 * A sample has an output when all of the plan's outputs are fresh (see `StepOp`). A window's last
 * step, in `sequence` and `sliding`, also has one when some are only held (see `ModelOutput`).
 *
 * After a sample that leaves NaN or a magnitude beyond `stateLimit` anywhere in a lane, or whose row
 * of outputs is not finite, the whole state is reset to zeros; so it is where an operation finds a
 * count that no step leaves (in a damaged file). In a lane of samples, which a `windowPlan` has, any
 * finite magnitude is allowed.
 *
 * An output is *warm* in `sequence` when it is the window's last step (the phase before the step is
 * `window - 1`), the one that equals Keras' `predict`; in `continuous` and `sliding` when `seen`,
 * this sample included, is at least `warmupSamples`. A sample without output is never warm.
 */
export interface StepProgram {
  /** The plan, its weights rounded to what `weights` can hold. */
  readonly plan: StreamPlan;
  /** How the native engine keeps large matrices. */
  readonly weights: WeightFormat;
  readonly mode: Mode;
  /** Steps of a window (T); 1 in `continuous` where the model takes any number. */
  readonly window: number;
  /** Samples from one window's start to the next, in `sliding`; 1 elsewhere. */
  readonly stride: number;
  /** `ceil(window / stride)` in `sliding` by steps, 1 elsewhere. */
  readonly lanes: number;
  /** True when it runs the plan's `windowPlan` and not its `ops`. */
  readonly wholeWindow: boolean;
  /** Samples after a reset from which an output counts as warm; `window` in `sequence`. */
  readonly warmupSamples: number;
  /** Floats of the whole state. */
  readonly stateSize: number;
  /** Floats of one row of outputs. */
  readonly outputSize: number;
}

/** Floats before the first lane in the state. */
export const stateHeaderSize = 2;

/**
 * A float of the state beyond this magnitude counts as exploded: adding 1 no longer changes it, so it
 * remembers nothing. An unbounded cell, such as one with relu, gets there, and soon to infinity.
 */
export const stateLimit = 2 ** 24;

/** Floats of the largest state that a program may have: 1 GiB. */
const maxStateSize = 2 ** 28;

export interface ProgramOptions {
  readonly mode: Mode;
  /** Samples from one window's start to the next; only in `sliding`, default 1. */
  readonly stride?: number | undefined;
  /** Must be the plan's own; a model that takes any number of steps gets its window when it is loaded. */
  readonly window?: number | undefined;
  /** Not in `sequence`. Default: the window where there is one, else 1. */
  readonly warmupSamples?: number | undefined;
  /** How large matrices are kept; default `f32`, as in the model. */
  readonly weights?: WeightFormat | undefined;
}

/**
 * Makes a program of a plan in one mode.
 *
 * @throws LstmdError `model.mode` when the mode would not be exact, naming the layer, the reason
 *   and the modes that are; or when an option does not fit the mode
 */
export function programOf(plan: StreamPlan, options: ProgramOptions): StepProgram {
  const { mode } = options;
  const verdict = plan.modes[mode];
  if (!verdict.exact) {
    const exact = Object.entries(plan.modes)
      .filter(([, other]) => other.exact)
      .map(([name]) => name)
      .join(', ');
    throw new LstmdError(
      'model.mode',
      `mode ${mode} is not exact for ${plan.name}: layer "${verdict.layer}": ${verdict.reason}; exact: ${exact || 'none'}`,
    );
  }
  if (options.window !== undefined && options.window !== plan.window) {
    throw unfit(
      'window',
      `the window is ${plan.window ?? 'any number of'} steps, not ${options.window}: it is fixed when the model is loaded`,
    );
  }
  if (mode !== 'sliding' && options.stride !== undefined && options.stride !== 1) {
    throw unfit('stride', `stride ${options.stride} is only for mode sliding, not ${mode}`);
  }
  const window = plan.window ?? 1;
  if (mode === 'sequence' && (options.warmupSamples ?? window) !== window) {
    throw unfit(
      'warmupSamples',
      `in mode sequence the last of the window's ${window} steps is warm; warmupSamples cannot be ${options.warmupSamples}`,
    );
  }
  const stride = count(options.stride ?? 1, 'stride');
  const wholeWindow = mode === 'sliding' && plan.windowPlan !== null;
  const lanes = mode === 'sliding' && !wholeWindow ? Math.ceil(window / stride) : 1;
  count(window, 'window');
  count(lanes * stride, 'stride', 'lanes x stride');
  const laneSize = wholeWindow ? window * plan.features : plan.laneStateSize;
  const stateSize = stateHeaderSize + lanes * laneSize;
  if (stateSize > maxStateSize) {
    throw unfit('mode', `the state would have ${stateSize} floats, more than ${maxStateSize}`);
  }
  const weights = options.weights ?? 'f32';
  return {
    plan: roundWeights(plan, weights),
    weights,
    mode,
    window,
    stride,
    lanes,
    wholeWindow,
    warmupSamples: count(options.warmupSamples ?? window, 'warmupSamples'),
    stateSize,
    outputSize: plan.outputs.reduce((sum, output) => sum + output.size, 0),
  };
}

/** Phases of a program before the first comes again. */
export function phaseCount({ mode, window, lanes, stride }: StepProgram): number {
  return mode === 'continuous' ? 1 : mode === 'sequence' ? window : lanes * stride;
}

/**
 * The layout of a program's state, as SHA-256 in lower-case hex: a saved state is loaded only where
 * this is the same. It covers the mode, the sizes and the tensors of the state, and how weights were
 * rounded; not the weights themselves, for which the hash of the model file stands.
 */
export function layoutHash(program: StepProgram): string {
  const { plan, weights, mode, window, stride, lanes, wholeWindow, stateSize } = program;
  const tensors = plan.state.map(({ layer, role, offset, size }) => [layer, role, offset, size]);
  const lane = wholeWindow ? ['samples', plan.features] : [plan.laneStateSize, tensors];
  const layout: unknown[] = [mode, window, stride, lanes, stateSize, lane];
  if (weights !== 'f32') {
    layout.push(weights);
  }
  const { inputs, constants, inputAxes } = plan;
  if (inputs.length > 1 || Object.keys(constants).length > 0) {
    layout.push({
      inputs: inputs.map(({ name, features }) => [name, features]),
      constants: Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1)),
    });
  }
  if (inputAxes !== undefined) {
    layout.push({ inputAxes });
  }
  return createHash('sha256').update(JSON.stringify(layout)).digest('hex');
}

/** Checks a number that the state must be able to count to in float32. */
function count(
  value: number,
  option: 'window' | 'stride' | 'warmupSamples',
  name: string = option,
): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > seenLimit) {
    throw unfit(option, `${name} must be a whole number from 1 to ${seenLimit}, not ${value}`);
  }
  return value;
}

/** The error for an option that does not fit the mode or the model, which the message names by itself. */
function unfit(option: keyof ProgramOptions, message: string): LstmdError {
  return new LstmdError('model.mode', message, { faults: [{ at: [option], message }] });
}
