import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';
import { features } from '#src/commands/bench/kernel/seed-model.js';
import type { Engine } from '#src/engine/program/engine.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';

const samples = 1000;

/** Makes the samples over which the outputs of engines and libraries are compared. */
export function checkedInput(): Float32Array {
  return randomFloats(samples * features, 1, 11);
}

/** Steps such samples from the reset state on, and returns the output of each. */
export function outputsOf(engine: Engine, program: StepProgram, input: Float32Array): Float32Array {
  const arrays = createStepArrays(program, samples);
  arrays.input.set(input);
  engine.bind(arrays)(samples);
  return arrays.output;
}

/** Returns the largest difference of outputs from those of the reference engine. */
export function largestDifference(
  outputs: ArrayLike<number>,
  program: StepProgram,
  input: Float32Array,
): number {
  return outputsOf(createReferenceEngine(program), program, input).reduce(
    (most, value, n) => Math.max(most, Math.abs(value - (outputs[n] ?? Number.NaN))),
    0,
  );
}
