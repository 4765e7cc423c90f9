import { LstmdError } from '../base/errors.js';
import { createEngine } from './create-engine.js';
import { engineNames, type EngineName } from './program/engine.js';
import type { StepProgram } from './program/program.js';
import type { TensorFlowProbe } from './tfjs/probe-tensorflow.js';

/** Says whether an engine runs a program on this machine. */
export type EngineReport =
  | { readonly name: EngineName; readonly runs: true; readonly target: string }
  | {
      readonly name: EngineName;
      readonly runs: false;
      /** Why not, and what to do. */
      readonly reason: string;
      /** True for an engine that is installed and does not work, false for one that is not installed. */
      readonly broken: boolean;
    };

/** Tries before a model is loaded what takes a process of its own, which is over when the model takes memory. */
export async function prepareReport(): Promise<void> {
  await probe();
}

/**
 * Tries every engine; TensorFlow.js, where it is installed, in a process of its own.
 *
 * @param program is not to be used afterwards: the native engine, which is tried last, takes its weights
 * @throws LstmdError `config.invalid` when `LSTMD_SIMD` names no target of this machine
 */
export async function reportEngines(program: StepProgram): Promise<EngineReport[]> {
  const reports = new Map<EngineName, EngineReport>();
  for (const name of engineNames.toSorted(
    (a, b) => Number(a === 'native') - Number(b === 'native'),
  )) {
    reports.set(name, await reportEngine(name, program));
  }
  return engineNames.flatMap((name) => reports.get(name) ?? []);
}

/** The engine that `auto` would be: the native one where it runs, and else the reference. */
export function autoEngine(reports: readonly EngineReport[]): {
  readonly name: EngineName;
  readonly target: string;
  readonly fallbackReason?: string;
} {
  const native = reports.find(({ name }) => name === 'native');
  if (native?.runs === true) {
    return { name: 'native', target: native.target };
  }
  return {
    name: 'reference',
    target: 'float64',
    ...(native !== undefined && { fallbackReason: native.reason }),
  };
}

async function reportEngine(name: EngineName, program: StepProgram): Promise<EngineReport> {
  if (name === 'tfjs') {
    return { name, ...(await probe()) };
  }
  try {
    const { engine } = await createEngine(name, program, { takesWeights: true });
    return { name, runs: true, target: engine.target };
  } catch (error) {
    // A target that somebody asked for and that is none is no fault of the engine.
    if (!(error instanceof LstmdError) || error.code === 'config.invalid') {
      throw error;
    }
    return { name, runs: false, reason: error.message, broken: error.cause !== undefined };
  }
}

async function probe(): Promise<TensorFlowProbe> {
  const { probeTensorFlow } = await import('./tfjs/probe-tensorflow.js');
  return probeTensorFlow();
}
