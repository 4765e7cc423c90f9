import { refuseOtherIndices } from './index-features.js';
import type { BoundStep, Engine } from './program/engine.js';
import type { StepProgram } from './program/program.js';
import { createStepArrays, type StepArrays } from './program/step-arrays.js';
import type { StepResult, Stepper } from './stepper.js';

/** So many samples are stepped in one call: enough to load each weight once for many, few enough to stay in the cache. */
export const mostTogether = 64;

/**
 * Steps one sample of each of many streams of an engine in one call, each to the bits that it would have alone. The
 * states stay with their steppers, and are copied to the call and back, which costs less than a call for each.
 */
export class StepGroup {
  readonly program: StepProgram;
  readonly #arrays: StepArrays;
  readonly #step: BoundStep;
  /** Views of one stream's part of the arrays. */
  readonly #lanes: readonly Lane[];

  constructor(engine: Engine, program: StepProgram) {
    this.program = program;
    this.#arrays = createStepArrays(program, mostTogether, { streams: mostTogether });
    this.#step = engine.bindMany(this.#arrays);
    this.#lanes = Array.from({ length: mostTogether }, (_, n) => laneOf(this.#arrays, program, n));
  }

  /** The values of sample n, to be filled before `step`. */
  input(n: number): Float32Array {
    return this.#laneAt(n).input;
  }

  /** The outputs and the flags of sample n after `step`; overwritten by the next. */
  result(n: number): StepResult {
    return this.#laneAt(n).result;
  }

  /**
   * Steps sample n of stepper n.
   *
   * @param steppers each once, of this group's program
   * @param count of them, at most `mostTogether`
   * @throws LstmdError `engine.argument` for more, and for a state whose counters no step of the program leaves
   */
  step(steppers: readonly Stepper[], count: number): void {
    refuseOtherIndices(this.program.plan, this.#arrays.input, count);
    for (let n = 0; n < count; n += 1) {
      const stepper = steppers[n];
      if (stepper !== undefined) {
        this.#laneAt(n).state.set(stepper.state);
      }
    }
    this.#step(count);
    for (let n = 0; n < count; n += 1) {
      const { state, result } = this.#laneAt(n);
      steppers[n]?.adopt(state, result.flags);
    }
  }

  #laneAt(n: number): Lane {
    const lane = this.#lanes[n];
    if (lane === undefined) {
      throw new RangeError(`a group has ${mostTogether} places, and none of number ${n}`);
    }
    return lane;
  }
}

interface Lane {
  readonly state: Float32Array;
  readonly input: Float32Array;
  readonly result: StepResult;
}

function laneOf(arrays: StepArrays, program: StepProgram, n: number): Lane {
  const { stateSize, outputSize, plan } = program;
  const { state, input, output, flags } = arrays;
  return {
    state: state.subarray(n * stateSize, (n + 1) * stateSize),
    input: input.subarray(n * plan.features, (n + 1) * plan.features),
    result: {
      count: 1,
      output: output.subarray(n * outputSize, (n + 1) * outputSize),
      flags: flags.subarray(n, n + 1),
    },
  };
}

/** Returns whether samples of many streams are stepped faster together than each alone. */
export function isFasterTogether(program: StepProgram): boolean {
  // The lanes of a sliding window are stepped together already.
  return program.lanes === 1 && !program.wholeWindow;
}
