import { LstmdError } from '../base/errors.js';
import { createEngine } from './create-engine.js';
import { engineNames, type EngineName } from './program/engine.js';
import type { StepProgram } from './program/program.js';

/** Whether an engine runs a program on this machine. */
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

/** Tries every engine, which loads TensorFlow.js where it is installed. */
export async function reportEngines(program: StepProgram): Promise<EngineReport[]> {
  return Promise.all(engineNames.map((name) => reportEngine(name, program)));
}

async function reportEngine(name: EngineName, program: StepProgram): Promise<EngineReport> {
  try {
    const { engine } = await createEngine(name, program);
    return { name, runs: true, target: engine.target };
  } catch (error) {
    if (!(error instanceof LstmdError)) {
      throw error;
    }
    return { name, runs: false, reason: error.message, broken: error.cause !== undefined };
  }
}
