import { StepFlag, type BoundStep, type Engine, type EngineName } from '../program/engine.js';
import { seenLimit } from '../../model/plan/stream-plan.js';
import { phaseCount, type StepProgram } from '../program/program.js';
import { checkStep, type StepArrays } from '../program/step-arrays.js';
import type { Arithmetic } from './arithmetic.js';
import { LaneInterpreter } from './lanes.js';
import type { SampleStep } from './sample-step.js';
import { WindowInterpreter } from './window.js';

/** An engine in TypeScript that has its operations computed by `arithmetic`. */
export function createInterpreter(program: StepProgram, arithmetic: Arithmetic): Engine {
  return new Interpreter(program, arithmetic);
}

class Interpreter implements Engine {
  readonly name: EngineName;
  readonly target: string;
  readonly #program: StepProgram;
  readonly #phaseCount: number;
  readonly #sampleStep: SampleStep;
  readonly #row: Float32Array;

  constructor(program: StepProgram, { name, target, workOf }: Arithmetic) {
    const { plan, wholeWindow, outputSize } = program;
    this.name = name;
    this.target = target;
    this.#program = program;
    this.#phaseCount = phaseCount(program);
    this.#sampleStep =
      wholeWindow && plan.windowPlan !== null
        ? new WindowInterpreter(program, plan.windowPlan, workOf)
        : new LaneInterpreter(program, workOf);
    this.#row = new Float32Array(outputSize);
  }

  bind(arrays: StepArrays): BoundStep {
    checkStep(this.#program, arrays, 0, 1);
    return (count) => {
      checkStep(this.#program, arrays, count, 1);
      for (let n = 0; n < count; n += 1) {
        this.#stepSample(arrays.state, arrays, n);
      }
    };
  }

  bindMany(arrays: StepArrays): BoundStep {
    const { stateSize } = this.#program;
    return (count) => {
      checkStep(this.#program, arrays, count, count);
      for (let n = 0; n < count; n += 1) {
        const state = arrays.state.subarray(n * stateSize, (n + 1) * stateSize);
        this.#stepSample(state, arrays, n);
      }
    };
  }

  /** Steps sample n of the arrays in a state that may be one of several in them. */
  #stepSample(state: Float32Array, { input, output, flags }: StepArrays, n: number): void {
    const { outputSize, plan } = this.#program;
    const flag = this.#takeSample(input, n * plan.features)
      ? this.#stepState(state)
      : StepFlag.refused;
    output.fill(0, n * outputSize, (n + 1) * outputSize);
    if ((flag & StepFlag.output) !== 0) {
      output.set(this.#row, n * outputSize);
    }
    flags[n] = flag;
  }

  /** False where a float is not finite, which must never reach the state. */
  #takeSample(input: Float32Array, at: number): boolean {
    const { sample } = this.#sampleStep;
    for (let i = 0; i < sample.length; i += 1) {
      const value = input[at + i];
      if (!Number.isFinite(value)) {
        return false;
      }
      sample[i] = value;
    }
    return true;
  }

  #stepState(state: Float32Array): number {
    const { mode, window, stateSize, warmupSamples } = this.#program;
    const seen = Math.min(state[0] + 1, seenLimit);
    const phase = state[1];
    const flags = this.#sampleStep.step(state, seen, phase, this.#row);
    if (flags === StepFlag.reset || (flags === StepFlag.output && !isFiniteRow(this.#row))) {
      state.fill(0, 0, stateSize);
      return StepFlag.reset;
    }
    state[0] = seen;
    state[1] = (phase + 1) % this.#phaseCount;
    const isWarm = mode === 'sequence' ? phase === window - 1 : seen >= warmupSamples;
    return flags === StepFlag.output && isWarm ? flags | StepFlag.warm : flags;
  }
}

function isFiniteRow(row: Float32Array): boolean {
  for (const value of row) {
    if (!Number.isFinite(value)) {
      return false;
    }
  }
  return true;
}
