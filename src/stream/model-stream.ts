import { LstmdError } from '../base/errors.js';
import { createEngine } from '../engine/create-engine.js';
import { ManyStepper } from '../engine/many-stepper.js';
import { engineNames, type EngineName } from '../engine/program/engine.js';
import { programOf, type ProgramOptions, type StepProgram } from '../engine/program/program.js';
import { weightFormats } from '../engine/program/weight-format.js';
import { StepGroup } from '../engine/step-group.js';
import { Stepper } from '../engine/stepper.js';
import { modes, type StreamPlan } from '../model/plan/stream-plan.js';

export interface StreamOptions extends ProgramOptions {
  /** Default `auto`: native, or reference where no addon loads; `tfjs` only when asked for. */
  readonly engine?: 'auto' | EngineName | undefined;
  /**
   * Gives the memory of the plan's weights to the native engine, so that a large model is in memory once and
   * not twice. No other stream can be opened on the plan then. Default false.
   */
  readonly takesWeights?: boolean | undefined;
}

/** A model in one mode, stepping the samples of one stream. */
export interface ModelStream extends OpenedProgram {
  readonly stepper: Stepper;
  /** The stepper of another stream on the same engine, its state zeros: the model is in memory once. */
  readonly another: () => Stepper;
  /** Steps samples of these steppers together. */
  readonly group: () => StepGroup;
}

/** A model in one mode, stepping many streams together. */
export interface ModelStreams extends OpenedProgram {
  readonly stepper: ManyStepper;
}

/** A program on the engine that runs it. */
export interface OpenedProgram {
  readonly program: StepProgram;
  readonly engine: EngineName;
  /** SIMD target of the native engine, `float64` of the reference, the package of tfjs. */
  readonly target: string;
  /** Why `auto` did not take the native engine; undefined when it did. */
  readonly fallbackReason: string | undefined;
}

/**
 * Opens a stream on a loaded model, its state zeros.
 *
 * @param options.mode how windows follow each other: `continuous`, `sequence` or `sliding`
 * @param options.window must be that of the plan: a model that takes any number of steps gets its window in `loadModel`
 * @param options.stride samples from one window's start to the next, in `sliding`; default 1
 * @throws LstmdError `engine.argument` for a mode, an engine or a format of weights that there is not, and where another
 *   stream took the plan's weights; `model.mode` for a mode that is not exact for this model, and for an option that does
 *   not fit the mode; `engine.unavailable` when an engine that was asked for does not load; `config.invalid` when
 *   `LSTMD_SIMD` names no target of this machine
 */
export async function openStream(plan: StreamPlan, options: StreamOptions): Promise<ModelStream> {
  const { engine, ...opened } = await openProgram(plan, options);
  const another = (): Stepper => new Stepper(engine, opened.program);
  const group = (): StepGroup => new StepGroup(engine, opened.program);
  return { stepper: another(), another, group, engine: engine.name, ...opened };
}

/**
 * Opens many streams on a loaded model, say one for each of 64 sensors, their states zeros. A step
 * takes one sample of each, and gives each what it would have alone.
 *
 * @param count of streams
 * @throws LstmdError as `openStream` does, and `engine.argument` for a count of streams that is not
 *   a whole number from 1, or has no room in memory
 */
export async function openStreams(
  plan: StreamPlan,
  count: number,
  options: StreamOptions,
): Promise<ModelStreams> {
  const { engine, ...opened } = await openProgram(plan, options);
  const stepper = new ManyStepper(engine, opened.program, count);
  return { stepper, engine: engine.name, ...opened };
}

async function openProgram(plan: StreamPlan, options: StreamOptions) {
  requireOneOf('mode', options.mode, modes);
  requireOneOf('engine', options.engine ?? 'auto', ['auto', ...engineNames]);
  requireOneOf('weights', options.weights ?? 'f32', weightFormats);
  const program = programOf(plan, options);
  const { engine, fallbackReason } = await createEngine(options.engine ?? 'auto', program, {
    takesWeights: options.takesWeights === true,
  });
  return { program, engine, target: engine.target, fallbackReason };
}

/** JavaScript has no types that keep other names out, and each would be taken for one of these. */
function requireOneOf(option: string, given: string, known: readonly string[]): void {
  if (!known.includes(given)) {
    throw new LstmdError('engine.argument', `${option} is ${given}: one of ${known.join(', ')}`);
  }
}
