import { LstmdError } from '../../base/errors.js';
import { StepFlag, type Engine, type EngineName } from '../program/engine.js';
import { seenLimit, type StepProgram } from '../program/program.js';
import type { Arithmetic } from './arithmetic.js';
import { LaneInterpreter } from './lanes.js';
import type { SampleStep } from './sample-step.js';
import { WindowInterpreter } from './window.js';

/** An engine in TypeScript whose operations the arithmetic computes. */
export function createInterpreter(program: StepProgram, arithmetic: Arithmetic): Engine {
  return new Interpreter(program, arithmetic);
}

class Interpreter implements Engine {
  readonly name: EngineName;
  readonly target: string;
  readonly #program: StepProgram;
  /** Phases before the first comes again. */
  readonly #cycle: number;
  readonly #steps: SampleStep;
  readonly #row: Float32Array;

  constructor(program: StepProgram, { name, target, workOf }: Arithmetic) {
    const { plan, mode, window, lanes, stride, wholeWindow, outputSize } = program;
    this.name = name;
    this.target = target;
    this.#program = program;
    this.#cycle = mode === 'continuous' ? 1 : mode === 'sequence' ? window : lanes * stride;
    this.#steps =
      wholeWindow && plan.windowPlan !== null
        ? new WindowInterpreter(program, plan.windowPlan, workOf)
        : new LaneInterpreter(program, workOf);
    this.#row = new Float32Array(outputSize);
  }

  step(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    this.#check(state, 1, input, count, output, flags);
    for (let n = 0; n < count; n += 1) {
      this.#stepRow(state, input, n, output, flags);
    }
  }

  stepMany(
    states: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    this.#check(states, count, input, count, output, flags);
    const { stateSize } = this.#program;
    for (let n = 0; n < count; n += 1) {
      const state = states.subarray(n * stateSize, (n + 1) * stateSize);
      this.#stepRow(state, input, n, output, flags);
    }
  }

  #stepRow(
    state: Float32Array,
    input: Float32Array,
    n: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    const { outputSize, plan } = this.#program;
    const flag = this.#takeSample(input, n * plan.features)
      ? this.#stepSample(state)
      : StepFlag.refused;
    output.fill(0, n * outputSize, (n + 1) * outputSize);
    if ((flag & StepFlag.output) !== 0) {
      output.set(this.#row, n * outputSize);
    }
    flags[n] = flag;
  }

  /** False where a value is not finite, which must never reach the state. */
  #takeSample(input: Float32Array, at: number): boolean {
    const { sample } = this.#steps;
    for (let i = 0; i < sample.length; i += 1) {
      const value = input[at + i] ?? Number.NaN;
      if (!Number.isFinite(value)) {
        return false;
      }
      sample[i] = value;
    }
    return true;
  }

  #stepSample(state: Float32Array): number {
    const { mode, window, stateSize, warmupSamples } = this.#program;
    const seen = Math.min((state[0] ?? 0) + 1, seenLimit);
    const phase = state[1] ?? 0;
    const flags = this.#steps.step(state, seen, phase, this.#row);
    if (flags === StepFlag.reset || (flags === StepFlag.output && !isFiniteRow(this.#row))) {
      state.fill(0, 0, stateSize);
      return StepFlag.reset;
    }
    state[0] = seen;
    state[1] = (phase + 1) % this.#cycle;
    const isWarm = mode === 'sequence' ? phase === window - 1 : seen >= warmupSamples;
    return flags === StepFlag.output && isWarm ? flags | StepFlag.warm : flags;
  }

  #check(
    states: Float32Array,
    streams: number,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw unfit(`count must be a whole number of samples, not ${count}`);
    }
    const { stateSize } = this.#program;
    atLeast('state', states.length, streams * stateSize);
    atLeast('input', input.length, count * this.#program.plan.features);
    atLeast('output', output.length, count * this.#program.outputSize);
    atLeast('flags', flags.length, count);
    for (let at = 0; at < streams * stateSize; at += stateSize) {
      const seen = states[at] ?? Number.NaN;
      const phase = states[at + 1] ?? Number.NaN;
      if (!isCount(seen, seenLimit) || !isCount(phase, this.#cycle - 1)) {
        throw unfit(
          `the state begins with ${seen}, ${phase}, which no step of this program leaves`,
        );
      }
    }
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

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function atLeast(name: string, length: number, needed: number): void {
  if (length < needed) {
    throw unfit(`${name} has ${length} values, the step needs ${needed}`);
  }
}

function unfit(message: string): LstmdError {
  return new LstmdError('engine.argument', message);
}
