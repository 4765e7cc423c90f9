import { LstmdError } from '../base/errors.js';
import { createEngine } from './create-engine.js';
import { engineNames, type EngineName } from './program/engine.js';
import type { StepProgram } from './program/program.js';

/** Whether an engine runs a program on this machine; if not, why, and what mends it. */
export type EngineReport =
  | { readonly name: EngineName; readonly runs: true; readonly target: string }
  | {
      readonly name: EngineName;
      readonly runs: false;
      readonly reason: string;
      /** It is there and does not work, whereas one that is not there may not be wanted either. */
      readonly broken: boolean;
    };

/** Tries every engine. TensorFlow.js, where it is installed, is loaded for it. */
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
