import { LstmdError } from '../base/errors.js';
import type { SampleBlock } from '../sensor/sample-block.js';
import { refuseOtherIndices } from './index-features.js';
import { StepFlag, type BoundStep, type Engine } from './program/engine.js';
import type { StepProgram } from './program/program.js';
import { createStepArrays, type StepArrays } from './program/step-arrays.js';

/** A loop copies fewer values than that sooner than `set`, which first asks what it was given. */
const fewValues = 128;

/** The result of a step: row n of `output` and `flags[n]` belong to sample n. */
export interface StepResult {
  readonly count: number;
  /** (count, outputSize), row-major; it may be longer, and the next step overwrites it. */
  readonly output: Float32Array;
  /** `StepFlag` bits of each sample; it may be longer, and the next step overwrites it. */
  readonly flags: Uint8Array;
}

/** An engine with the state of one stream, stepping whole blocks. */
export class Stepper {
  readonly program: StepProgram;
  readonly #engine: Engine;
  #arrays: StepArrays;
  #step: BoundStep;
  /** The first row of the outputs, which every push gives out. */
  #row: Float32Array;
  #sampleCount = 0;

  constructor(engine: Engine, program: StepProgram) {
    this.program = program;
    this.#engine = engine;
    // There is room for one sample at first, because a live stream seldom has more at once.
    this.#arrays = createStepArrays(program, 1);
    this.#step = engine.bind(this.#arrays);
    this.#row = this.#firstRow();
  }

  /** The state itself, the same array at all times: whoever saves it copies it. */
  get state(): Float32Array {
    return this.#arrays.state;
  }

  /** Samples that the state has seen since its beginning or its last reset, over restarts. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  /**
   * Steps a block of samples, of which only `count` and `values` are looked at.
   *
   * @param block its `values` are `count x features`, row-major, in the model's units; they are copied
   * @returns a row of outputs and flags for each sample; overwritten by the next step
   * @throws LstmdError `engine.argument` for a count that is no whole number, for fewer values than `count` samples have,
   *   and for a state whose counters no step of this program leaves
   */
  step(block: Pick<SampleBlock, 'count' | 'values'>): StepResult {
    const { count, values } = block;
    const size = count * this.program.plan.features;
    if (values.length < size) {
      throw new LstmdError(
        'engine.argument',
        `the block has ${values.length} values, ${count} samples have ${size}`,
      );
    }
    if (this.#arrays.flags.length < count) {
      this.#makeRoom(count);
    }
    const { input } = this.#arrays;
    if (size < fewValues) {
      for (let i = 0; i < size; i += 1) {
        input[i] = values[i] ?? Number.NaN;
      }
    } else {
      input.set(values.length === size ? values : values.subarray(0, size));
    }
    this.#stepInput(count);
    const { output, flags } = this.#arrays;
    return { count, output, flags };
  }

  /**
   * Steps one sample.
   *
   * @param sample the model's features, in its order and units; numbers are rounded to float32
   * @returns the row of outputs, overwritten by the next step; null where the model gives nothing, and for a sample
   *   with NaN, infinity or a feature that is no number: it is refused, which `flags` say (`StepFlag.refused`), and
   *   leaves the state as it was
   * @throws LstmdError `engine.argument` for another number of features, for no sample at all, and for a state whose
   *   counters no step of this program leaves
   */
  push(sample: ArrayLike<number>): Float32Array | null {
    const { features } = this.program.plan;
    // JavaScript has no types that keep null out.
    const given: ArrayLike<number> | null | undefined = sample;
    if (given?.length !== features) {
      throw new LstmdError(
        'engine.argument',
        `a sample has ${features} features, not ${given?.length ?? (given === null ? 'null' : 'undefined')}`,
      );
    }
    // A loop takes 55 ns less than `set`, which first asks what it was given.
    const { input, flags } = this.#arrays;
    for (let i = 0; i < features; i += 1) {
      input[i] = sample[i] ?? Number.NaN;
    }
    this.#stepInput(1);
    return ((flags[0] ?? 0) & StepFlag.output) === 0 ? null : this.#row;
  }

  /** `StepFlag` bits of the sample last pushed, or of the first of the block last stepped. */
  get flags(): number {
    return this.#arrays.flags[0] ?? 0;
  }

  /** Forgets everything: the next sample is the first. */
  reset(): void {
    this.state.fill(0);
    this.#sampleCount = 0;
  }

  /**
   * Goes on from a saved state, which is copied.
   *
   * @param saved `program.stateSize` floats of the same model in the same mode, window, stride and format of weights
   * @param sampleCount samples that the state has seen, which `sampleCount` counts on from
   * @throws LstmdError `engine.argument` for another number of floats; what is in them the next step looks at
   */
  restore(saved: Float32Array, sampleCount: number): void {
    const { stateSize } = this.program;
    if (saved.length !== stateSize) {
      throw new LstmdError(
        'engine.argument',
        `a state of this program has ${stateSize} floats, not ${saved.length}`,
      );
    }
    this.state.set(saved);
    this.#sampleCount = sampleCount;
  }

  /**
   * Takes the state after a sample that was stepped elsewhere, as by a `StepGroup`.
   *
   * @param flags `StepFlag` bits of the sample, in an array of its own
   */
  adopt(state: Float32Array, flags: Uint8Array): void {
    this.state.set(state);
    this.#count(flags, 1);
  }

  #stepInput(count: number): void {
    const { input, flags } = this.#arrays;
    refuseOtherIndices(this.program.plan, input, count);
    this.#step(count);
    this.#count(flags, count);
  }

  #count(flags: Uint8Array, count: number): void {
    let samples = this.#sampleCount;
    for (let n = 0; n < count; n += 1) {
      const flag = flags[n] ?? 0;
      if ((flag & StepFlag.reset) !== 0) {
        samples = 0;
      } else if ((flag & StepFlag.refused) === 0) {
        samples += 1;
      }
    }
    this.#sampleCount = samples;
  }

  #firstRow(): Float32Array {
    return this.#arrays.output.subarray(0, this.program.outputSize);
  }

  #makeRoom(samples: number): void {
    this.#arrays = createStepArrays(this.program, samples, { state: this.state });
    this.#step = this.#engine.bind(this.#arrays);
    this.#row = this.#firstRow();
  }
}
