import { LstmdError } from '../base/errors.js';
import type { SampleBlock } from '../sensor/sample-block.js';
import { StepFlag, type Engine } from './program/engine.js';
import { createStepArrays, type StepProgram } from './program/program.js';

/** What became of a block: row n of `output` and `flags[n]` belong to sample n of it. */
export interface StepResult {
  readonly count: number;
  /** `count x outputSize`, row-major; reused by the next block. */
  readonly output: Float32Array;
  /** `StepFlag` bits of each sample; reused by the next block. */
  readonly flags: Uint8Array;
}

/** An engine with the state of one stream, stepping whole blocks. */
export class Stepper {
  /** The one state; whoever saves it copies it. */
  readonly state: Float32Array;
  #sampleCount = 0;
  #output: Float32Array;
  #flags: Uint8Array;
  readonly #one: SampleBlock;

  readonly #engine: Engine;
  readonly program: StepProgram;

  constructor(engine: Engine, program: StepProgram) {
    this.#engine = engine;
    this.program = program;
    // Room for one sample: a live stream has seldom more at once.
    const { state, input, output, flags } = createStepArrays(program, 1);
    this.state = state;
    this.#output = output;
    this.#flags = flags;
    this.#one = {
      count: 1,
      features: program.plan.features,
      values: input,
      timeMs: new Float64Array(1),
      firstSeq: 1,
    };
  }

  /** Samples that the state has seen since its beginning or its last reset, over restarts. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  step(block: SampleBlock): StepResult {
    const { count } = block;
    if (this.#flags.length < count) {
      this.#output = new Float32Array(count * this.program.outputSize);
      this.#flags = new Uint8Array(count);
    }
    this.#engine.step(this.state, block.values, count, this.#output, this.#flags);
    for (let n = 0; n < count; n += 1) {
      const flag = this.#flags[n] ?? 0;
      if ((flag & StepFlag.reset) !== 0) {
        this.#sampleCount = 0;
      } else if ((flag & StepFlag.refused) === 0) {
        this.#sampleCount += 1;
      }
    }
    return { count, output: this.#output, flags: this.#flags };
  }

  /**
   * Steps one sample.
   *
   * @param sample the model's features
   * @returns the row of outputs, overwritten by the next step; null where the model gives nothing
   * @throws LstmdError `engine.argument` for another number of features
   */
  push(sample: ArrayLike<number>): Float32Array | null {
    const { features } = this.program.plan;
    if (sample.length !== features) {
      throw new LstmdError(
        'engine.argument',
        `a sample has ${features} features, not ${sample.length}`,
      );
    }
    this.#one.values.set(sample);
    const { output, flags } = this.step(this.#one);
    return ((flags[0] ?? 0) & StepFlag.output) === 0
      ? null
      : output.subarray(0, this.program.outputSize);
  }

  /** `StepFlag` bits of the sample last pushed, or of the first of the block last stepped. */
  get flags(): number {
    return this.#flags[0] ?? 0;
  }

  /** Forgets all: the next sample is the first. */
  reset(): void {
    this.state.fill(0);
    this.#sampleCount = 0;
  }

  /**
   * Goes on from a saved state.
   *
   * @param saved `stateSize` floats
   */
  restore(saved: Float32Array, sampleCount: number): void {
    this.state.set(saved);
    this.#sampleCount = sampleCount;
  }
}
