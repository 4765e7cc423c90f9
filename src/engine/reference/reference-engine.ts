import { createInterpreter } from '../interpreter/interpreter.js';
import type { Engine } from '../program/engine.js';
import type { StepProgram } from '../program/program.js';
import { referenceWork } from './operation.js';

/**
 * Plain TypeScript, float64 arithmetic over float32 weights and the float32 state: the oracle of
 * the tests, and what runs where no binary of the native kernel fits.
 */
export function createReferenceEngine(program: StepProgram): Engine {
  return createInterpreter(program, {
    name: 'reference',
    target: 'float64',
    workOf: referenceWork,
  });
}
