import { createEngine } from '../engine/create-engine.js';
import { programOf, type ProgramOptions } from '../engine/program/program.js';
import { ManyStepper } from '../engine/many-stepper.js';
import { Stepper } from '../engine/stepper.js';
import type { Engine, EngineName } from '../engine/program/engine.js';
import type { StreamPlan } from '../model/plan/stream-plan.js';

export interface StreamOptions extends ProgramOptions {
  /** Default `auto`: native, or reference where no addon loads; `tfjs` only when asked for. */
  readonly engine?: 'auto' | EngineName | undefined;
}

/** A model in one mode, stepping samples; with what it runs on. */
export interface ModelStream extends Runtime {
  readonly stepper: Stepper;
}

/** Many streams of one model, stepped together; with what they run on. */
export interface ModelStreams extends Runtime {
  readonly stepper: ManyStepper;
}

export interface Runtime {
  readonly engine: EngineName;
  /** SIMD target of the native engine, `float64` of the reference, the package of tfjs. */
  readonly target: string;
  /** Why `auto` did not take the native engine; undefined when it did. */
  readonly fallbackReason: string | undefined;
}

/**
 * Opens a stream on a loaded model, its state at zeros.
 *
 * @throws LstmdError `model.mode` for a mode that is not exact for this model,
 *   `engine.unavailable` when an engine that was asked for does not load
 */
export async function openStream(plan: StreamPlan, options: StreamOptions): Promise<ModelStream> {
  const program = programOf(plan, options);
  const { engine, fallbackReason } = await createEngine(options.engine ?? 'auto', program);
  return { stepper: new Stepper(engine, program), ...runtimeOf(engine, fallbackReason) };
}

/**
 * Opens many streams on a loaded model, say one for each of 64 sensors, their states at zeros. Every
 * step takes one sample of each, and gives each what it would have alone.
 *
 * @throws LstmdError as `openStream` does, and `engine.argument` for a count that is none
 */
export async function openStreams(
  plan: StreamPlan,
  count: number,
  options: StreamOptions,
): Promise<ModelStreams> {
  const program = programOf(plan, options);
  const { engine, fallbackReason } = await createEngine(options.engine ?? 'auto', program);
  return { stepper: new ManyStepper(engine, program, count), ...runtimeOf(engine, fallbackReason) };
}

function runtimeOf(engine: Engine, fallbackReason: string | undefined): Runtime {
  return { engine: engine.name, target: engine.target, fallbackReason };
}
