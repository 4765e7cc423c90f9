import { LstmdError } from '../errors.js';
import { StepFlag, type Engine } from './engine.js';
import { seenLimit, stateHeaderSize, stateLimit, type StepProgram } from './program.js';
import { referenceOperations, type StepOperation } from './reference-ops.js';

/**
 * Plain TypeScript, float64 arithmetic over float32 weights and the float32 state: the oracle of
 * the tests, and what runs where no binary of the native kernel fits.
 */
export function createReferenceEngine(program: StepProgram): Engine {
  return new ReferenceEngine(program);
}

class ReferenceEngine implements Engine {
  readonly name = 'reference';
  readonly target = 'float64';
  readonly #program: StepProgram;
  /** Phases before the first comes again. */
  readonly #cycle: number;
  readonly #sample: Float64Array;
  readonly #steps: readonly StepOperation[];
  readonly #results: readonly Float64Array[];

  constructor(program: StepProgram) {
    const { plan, mode, window, lanes, stride } = program;
    const { registers, steps } = referenceOperations(plan);
    this.#program = program;
    this.#cycle = mode === 'continuous' ? 1 : mode === 'sequence' ? window : lanes * stride;
    this.#steps = steps;
    this.#sample = registers[0] ?? new Float64Array(0);
    this.#results = plan.outputs.flatMap((output) => registers[output.value] ?? []);
  }

  step(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    this.#check(state, input, count, output, flags);
    const features = this.#sample.length;
    const { outputSize } = this.#program;
    output.fill(0, 0, count * outputSize);
    for (let n = 0; n < count; n++)
      flags[n] = this.#takeSample(input, n * features)
        ? this.#stepSample(state, output, n * outputSize)
        : StepFlag.refused;
  }

  /** False where a value is not finite, which must never reach the state. */
  #takeSample(input: Float32Array, at: number): boolean {
    for (let i = 0; i < this.#sample.length; i++) {
      const value = input[at + i] ?? Number.NaN;
      if (!Number.isFinite(value)) return false;
      this.#sample[i] = value;
    }
    return true;
  }

  #stepSample(state: Float32Array, output: Float32Array, row: number): number {
    const { mode, window, stride, lanes, plan, stateSize, warmupSamples } = this.#program;
    const seen = Math.min((state[0] ?? 0) + 1, seenLimit);
    const phase = state[1] ?? 0;
    let flags = 0;
    for (let j = 0; j < lanes; j++) {
      const age = (phase - j * stride + this.#cycle) % this.#cycle;
      if (age >= window) continue;
      const lane = stateHeaderSize + j * plan.laneStateSize;
      if (age === 0 && mode !== 'continuous') state.fill(0, lane, lane + plan.laneStateSize);
      for (const step of this.#steps) step(state, lane, age);
      if (!isBounded(state, lane, lane + plan.laneStateSize)) {
        state.fill(0, 0, stateSize);
        output.fill(0, row, row + this.#program.outputSize);
        return StepFlag.reset;
      }
      const isLast = age === window - 1;
      if (mode === 'sliding' && !(isLast && seen >= window)) continue;
      this.#writeRow(output, row);
      const isWarm = mode === 'sequence' ? isLast : seen >= warmupSamples;
      flags = StepFlag.output | (isWarm ? StepFlag.warm : 0);
    }
    state[0] = seen;
    state[1] = (phase + 1) % this.#cycle;
    return flags;
  }

  #writeRow(output: Float32Array, row: number): void {
    let at = row;
    for (const result of this.#results) {
      output.set(result, at);
      at += result.length;
    }
  }

  #check(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void {
    if (!Number.isSafeInteger(count) || count < 0)
      throw unfit(`count must be a whole number of samples, not ${count}`);
    atLeast('state', state.length, this.#program.stateSize);
    atLeast('input', input.length, count * this.#sample.length);
    atLeast('output', output.length, count * this.#program.outputSize);
    atLeast('flags', flags.length, count);
    const [seen = Number.NaN, phase = Number.NaN] = state;
    if (!isCount(seen, seenLimit) || !isCount(phase, this.#cycle - 1))
      throw unfit(`the state begins with ${seen}, ${phase}, which no step of this program leaves`);
  }
}

function isBounded(state: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!(Math.abs(state[i] ?? 0) <= stateLimit)) return false;
  return true;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function atLeast(name: string, length: number, needed: number): void {
  if (length < needed) throw unfit(`${name} has ${length} values, the step needs ${needed}`);
}

function unfit(message: string): LstmdError {
  return new LstmdError('engine.argument', message);
}
