import { StepFlag, type Engine } from '#src/engine/program/engine.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';

/** Samples in a block: no divisor of any window, so that blocks and windows overlap in every way. */
const blockSize = 7;

/**
 * Steps samples in blocks.
 *
 * @param state goes on from where it stands
 * @returns for each sample the row that the engine flagged as an output; null where it flagged none
 */
export function steppedRows(
  engine: Engine,
  program: StepProgram,
  state: Float32Array,
  samples: readonly (readonly number[])[],
): (readonly number[] | null)[] {
  const { features } = program.plan;
  const input = Float32Array.from(samples.flat());
  const arrays = createStepArrays(program, blockSize, { state });
  const { output, flags } = arrays;
  const step = engine.bind(arrays);
  const rows: (readonly number[] | null)[] = [];
  for (let from = 0; from < samples.length; from += blockSize) {
    const count = Math.min(blockSize, samples.length - from);
    arrays.input.set(input.subarray(from * features, (from + count) * features));
    step(count);
    for (let n = 0; n < count; n += 1) {
      const isGiven = ((flags[n] ?? 0) & StepFlag.output) !== 0;
      rows.push(
        isGiven ? [...output.subarray(n * program.outputSize, (n + 1) * program.outputSize)] : null,
      );
    }
  }
  return rows;
}
