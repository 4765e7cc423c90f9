import type { Engine } from '../program/engine.js';
import type { StepProgram } from '../program/program.js';
import { createInterpreter } from '../interpreter/interpreter.js';
import { loadTensorFlow, type LoadedTensorFlow } from './load-tensorflow.js';
import { tfjsWork } from './operation.js';

/**
 * An engine whose operations are composed of TensorFlow's primitives.
 *
 * @throws LstmdError `engine.unavailable` when no TensorFlow.js is installed, or it does not work
 */
export async function createTfjsEngine(program: StepProgram): Promise<Engine> {
  return tfjsEngineOn(await loadTensorFlow(), program);
}

/** The same on a TensorFlow.js that is loaded already. */
export function tfjsEngineOn({ tf, target }: LoadedTensorFlow, program: StepProgram): Engine {
  return createInterpreter(program, {
    name: 'tfjs',
    target,
    workOf: (op, values) => tfjsWork(tf, op, values),
  });
}
