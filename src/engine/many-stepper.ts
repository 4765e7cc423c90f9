import { refuseOtherIndices } from './index-features.js';
import { LstmdError } from '../base/errors.js';
import type { BoundStep, Engine } from './program/engine.js';
import type { StepProgram } from './program/program.js';
import { createStepArrays, type StepArrays } from './program/step-arrays.js';
import type { StepResult } from './stepper.js';

/** An engine with the states of many streams of one program, which it steps together. */
export class ManyStepper {
  readonly program: StepProgram;
  readonly streams: number;
  readonly #arrays: StepArrays;
  readonly #step: BoundStep;

  /**
   * @throws LstmdError `engine.argument` for a number of streams that is not a whole number from 1, or
   *   whose states would not fit in memory
   */
  constructor(engine: Engine, program: StepProgram, streams: number) {
    const { stateSize } = program;
    if (!Number.isSafeInteger(streams) || streams < 1 || streams * stateSize > maxFloats) {
      throw new LstmdError(
        'engine.argument',
        `streams must be a whole number from 1 to ${Math.floor(maxFloats / stateSize)}, not ${streams}`,
      );
    }
    this.program = program;
    this.streams = streams;
    this.#arrays = createStepArrays(program, streams, { streams });
    this.#step = engine.bindMany(this.#arrays);
  }

  /** `streams x program.stateSize` floats, one state after the other; the same array at all times: whoever saves it copies it. */
  get states(): Float32Array {
    return this.#arrays.state;
  }

  /**
   * Steps one sample of every stream.
   *
   * @param input `streams x features`, row-major, in the model's units; it is copied
   * @returns row n of the output and flag n belong to stream n; both are overwritten by the next step
   * @throws LstmdError `engine.argument` for another length, and for a state whose counters no step of this program leaves
   */
  step(input: Float32Array): StepResult {
    const { streams, program } = this;
    const length = streams * program.plan.features;
    if (input.length !== length) {
      throw new LstmdError(
        'engine.argument',
        `a sample of each of ${streams} streams has ${length} values, not ${input.length}`,
      );
    }
    this.#arrays.input.set(input);
    refuseOtherIndices(program.plan, this.#arrays.input, streams);
    this.#step(streams);
    const { output, flags } = this.#arrays;
    return { count: streams, output, flags };
  }

  /**
   * The state of one stream, as a view: copy it to save it, set it to restore it, fill it with zeros to reset it.
   *
   * @param stream from 0
   * @returns `program.stateSize` floats
   * @throws LstmdError `engine.argument` for a stream that is none of these
   */
  stateOf(stream: number): Float32Array {
    if (!Number.isInteger(stream) || stream < 0 || stream >= this.streams) {
      throw new LstmdError(
        'engine.argument',
        `there are streams 0 to ${this.streams - 1}, and no ${stream}`,
      );
    }
    const { stateSize } = this.program;
    return this.states.subarray(stream * stateSize, (stream + 1) * stateSize);
  }
}

/** Floats of all states together at most: 1 GiB. */
const maxFloats = 2 ** 28;
