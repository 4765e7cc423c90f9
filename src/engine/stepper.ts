import type { SampleBlock } from '../sensor/sample-block.js';
import { StepFlag, type Engine } from './engine.js';
import type { StepProgram } from './program.js';

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
  #output = new Float32Array(0);
  #flags = new Uint8Array(0);

  constructor(
    private readonly engine: Engine,
    readonly program: StepProgram,
  ) {
    this.state = new Float32Array(program.stateSize);
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
    this.engine.step(this.state, block.values, count, this.#output, this.#flags);
    for (let n = 0; n < count; n += 1) {
      const flag = this.#flags[n] ?? 0;
      if ((flag & StepFlag.reset) !== 0) this.#sampleCount = 0;
      else if ((flag & StepFlag.refused) === 0) this.#sampleCount += 1;
    }
    return { count, output: this.#output, flags: this.#flags };
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
