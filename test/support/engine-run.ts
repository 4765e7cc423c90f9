import { StepFlag, type Engine } from '#src/engine/program/engine.js';
import { createState, type StepProgram } from '#src/engine/program/program.js';

/** What an engine made of some samples. */
export interface EngineRun {
  /** A row for each sample; null where it has no output. */
  readonly rows: readonly (readonly number[] | null)[];
  readonly flags: number[];
  readonly state: Float32Array;
}

/**
 * Steps samples in blocks of the given sizes, over and over.
 *
 * @param state stepped in place; the reset state when left out
 */
export function runEngine(
  engine: Engine,
  program: StepProgram,
  input: Float32Array,
  blocks: readonly number[] = [input.length],
  state: Float32Array = createState(program),
): EngineRun {
  const { outputSize, plan } = program;
  const count = input.length / plan.features;
  const output = new Float32Array(count * outputSize);
  const flags = new Uint8Array(count);
  for (let at = 0, block = 0; at < count; block += 1) {
    const size = Math.min(blocks[block % blocks.length] ?? 1, count - at);
    const rows = output.subarray(at * outputSize);
    engine.step(state, input.subarray(at * plan.features), size, rows, flags.subarray(at));
    at += size;
  }
  const rows = Array.from(flags, (flag, n) =>
    (flag & StepFlag.output) === 0
      ? null
      : [...output.subarray(n * outputSize, (n + 1) * outputSize)],
  );
  return { rows, flags: [...flags], state };
}
