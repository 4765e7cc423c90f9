import { StepFlag, type Engine } from '#src/engine/program/engine.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { createStepArrays, type StepArrays } from '#src/engine/program/step-arrays.js';

/** The result of stepping some samples. */
export interface EngineRun {
  /** A row for each sample; null where it has no output. */
  readonly rows: readonly (readonly number[] | null)[];
  readonly flags: number[];
  readonly state: Float32Array;
}

/**
 * Steps all samples in one step from the reset state.
 *
 * @param input `n x features`, row-major
 * @returns the arrays after the step; what the engine did not write of the output is NaN, of the flags 255
 */
export function stepAll(engine: Engine, program: StepProgram, input: Float32Array): StepArrays {
  const count = input.length / program.plan.features;
  const arrays = createStepArrays(program, count);
  arrays.input.set(input);
  arrays.output.fill(Number.NaN);
  arrays.flags.fill(255);
  engine.bind(arrays)(count);
  return arrays;
}

/**
 * Steps samples in blocks of the given sizes, over and over.
 *
 * @param input `n x features`, row-major
 * @param state stepped in place; the reset state when left out
 */
export function runEngine(
  engine: Engine,
  program: StepProgram,
  input: Float32Array,
  blocks: readonly number[] = [input.length],
  state: Float32Array = new Float32Array(program.stateSize),
): EngineRun {
  const { outputSize, plan } = program;
  const count = input.length / plan.features;
  const output = new Float32Array(count * outputSize).fill(Number.NaN);
  const flags = new Uint8Array(count);
  for (let at = 0, block = 0; at < count; block += 1) {
    const size = Math.min(blocks[block % blocks.length] ?? 1, count - at);
    const step = engine.bind({
      state,
      input: input.subarray(at * plan.features),
      output: output.subarray(at * outputSize),
      flags: flags.subarray(at),
    });
    step(size);
    at += size;
  }
  const rows = Array.from(flags, (flag, n) => {
    const row = [...output.subarray(n * outputSize, (n + 1) * outputSize)];
    if ((flag & StepFlag.output) !== 0) {
      return row;
    }
    if (row.some((value) => value !== 0)) {
      throw new RangeError(`row ${n} without an output is ${row.join()}, not zeros`);
    }
    return null;
  });
  return { rows, flags: [...flags], state };
}
