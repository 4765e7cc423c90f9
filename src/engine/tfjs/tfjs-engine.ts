import type { Engine } from '../program/engine.js';
import type { StepProgram } from '../program/program.js';
import { createInterpreter } from '../interpreter/interpreter.js';
import { loadTensorFlow, type LoadedTensorFlow } from './load-tensorflow.js';
import { tfjsWork } from './operation.js';

/**
 * TensorFlow's own arithmetic: the operations of the plan, composed of its primitives.
 *
 * @throws LstmdError `engine.unavailable` when no TensorFlow.js is installed, or it does not work
 */
export async function createTfjsEngine(program: StepProgram): Promise<Engine> {
  return tfjsEngineOn(await loadTensorFlow(), program);
}

export function tfjsEngineOn({ tf, target }: LoadedTensorFlow, program: StepProgram): Engine {
  return createInterpreter(program, {
    name: 'tfjs',
    target,
    workOf: (op, values) => tfjsWork(tf, op, values),
  });
}
