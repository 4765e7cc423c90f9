import { createInterpreter } from '../interpreter/interpreter.js';
import type { Engine } from '../program/engine.js';
import type { StepProgram } from '../program/program.js';
import { referenceWork } from './operation.js';

/**
 * An engine in plain TypeScript: float64 arithmetic on float32 weights and a float32 state. The tests
 * compare the others with it, and it runs where there is no binary of the native kernel.
 */
export function createReferenceEngine(program: StepProgram): Engine {
  return createInterpreter(program, {
    name: 'reference',
    target: 'float64',
    workOf: referenceWork,
  });
}
