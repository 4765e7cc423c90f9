import { LstmdError } from '../base/errors.js';
import type { Engine } from './program/engine.js';
import type { StepProgram } from './program/program.js';
import type { StepResult } from './stepper.js';

/** An engine with the states of many streams of one program, which it steps together. */
export class ManyStepper {
  /** One state after the other; whoever saves them copies them. */
  readonly states: Float32Array;
  readonly #output: Float32Array;
  readonly #flags: Uint8Array;

  readonly #engine: Engine;
  readonly program: StepProgram;
  readonly streams: number;

  /** @throws LstmdError `engine.argument` for a count that is none, or too large for the memory */
  constructor(engine: Engine, program: StepProgram, streams: number) {
    this.#engine = engine;
    this.program = program;
    this.streams = streams;
    const { stateSize, outputSize } = program;
    if (!Number.isSafeInteger(streams) || streams < 1 || streams * stateSize > maxFloats) {
      throw new LstmdError(
        'engine.argument',
        `streams must be a whole number from 1 to ${Math.floor(maxFloats / stateSize)}, not ${streams}`,
      );
    }
    this.states = new Float32Array(streams * stateSize);
    this.#output = new Float32Array(streams * outputSize);
    this.#flags = new Uint8Array(streams);
  }

  /**
   * Steps one sample of every stream.
   *
   * @param input `streams x features`, row-major
   * @returns row n of the output and flag n belong to stream n; both are overwritten by the next step
   * @throws LstmdError `engine.argument` for another length
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
    this.#engine.stepMany(this.states, input, streams, this.#output, this.#flags);
    return { count: streams, output: this.#output, flags: this.#flags };
  }

  /** The state of one stream, a view: copy it to save it, set it to restore it, fill it with zeros to reset. */
  stateOf(stream: number): Float32Array {
    const { stateSize } = this.program;
    return this.states.subarray(stream * stateSize, (stream + 1) * stateSize);
  }
}

/** 1 GiB. */
const maxFloats = 2 ** 28;
