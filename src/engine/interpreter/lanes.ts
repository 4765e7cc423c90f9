import type { Arithmetic } from './arithmetic.js';
import { StepFlag } from '../program/engine.js';
import { phaseCount, stateHeaderSize, stateLimit, type StepProgram } from '../program/program.js';
import { stepOperation, type StepOperation } from './operation.js';
import { registerOf, type Register } from './register.js';
import type { SampleStep } from './sample-step.js';

/** Where an output's row comes from. */
interface OutputRow {
  readonly register: Register;
  /** Offsets in a lane of the row held and of the 1 that says so; null where nothing is held. */
  readonly held: { readonly row: number; readonly holds: number } | null;
}

/** The plan's operations, stepped in every lane that is within its window. */
export class LaneInterpreter implements SampleStep {
  readonly sample: Float64Array;
  readonly #program: StepProgram;
  readonly #phaseCount: number;
  readonly #operations: readonly StepOperation[];
  readonly #outputs: readonly OutputRow[];

  constructor(program: StepProgram, workOf: Arithmetic['workOf']) {
    const { ops, valueSizes, outputs } = program.plan;
    const registers = valueSizes.map(registerOf);
    const register = (value: number): Register => {
      const found: Register | undefined = registers[value];
      if (found === undefined) {
        throw new RangeError(`the plan has no value ${value}`);
      }
      return found;
    };
    const input = register(0);
    input.fresh = true;
    this.sample = input.values;
    this.#program = program;
    this.#phaseCount = phaseCount(program);
    this.#operations = ops.map((op) => stepOperation(op, register, workOf));
    this.#outputs = outputs.map(({ value, heldOffset, holdsOffset }) => ({
      register: register(value),
      held:
        heldOffset === null || holdsOffset === null
          ? null
          : { row: heldOffset, holds: holdsOffset },
    }));
  }

  step(state: Float32Array, seen: number, phase: number, row: Float32Array): number {
    const { mode, window, stride, lanes, plan } = this.#program;
    const isWindowed = mode !== 'continuous';
    let flags = 0;
    for (let j = 0; j < lanes; j += 1) {
      const age = (phase - j * stride + this.#phaseCount) % this.#phaseCount;
      if (age >= window) {
        continue;
      }
      const lane = stateHeaderSize + j * plan.laneStateSize;
      if (age === 0 && isWindowed) {
        state.fill(0, lane, lane + plan.laneStateSize);
      }
      for (const operation of this.#operations) {
        operation(state, lane);
      }
      this.#hold(state, lane);
      if (!isBounded(state, lane, lane + plan.laneStateSize)) {
        return StepFlag.reset;
      }
      const isLast = isWindowed && age === window - 1;
      const isDue = mode !== 'sliding' || (isLast && seen >= window);
      if (isDue && this.#writeRow(state, lane, isLast, row)) {
        flags = StepFlag.output;
      }
    }
    return flags;
  }

  #hold(state: Float32Array, lane: number): void {
    for (const { register, held } of this.#outputs) {
      if (held === null || !register.fresh) {
        continue;
      }
      state.set(register.values, lane + held.row);
      state[lane + held.holds] = 1;
    }
  }

  /** False where an output is not fresh, nor held at a window's last step. */
  #writeRow(state: Float32Array, lane: number, isLast: boolean, row: Float32Array): boolean {
    let at = 0;
    for (const { register, held } of this.#outputs) {
      const { values, fresh } = register;
      if (fresh) {
        row.set(values, at);
      } else if (isLast && held !== null && state[lane + held.holds] === 1) {
        for (let i = 0; i < values.length; i += 1) {
          row[at + i] = state[lane + held.row + i];
        }
      } else {
        return false;
      }
      at += values.length;
    }
    return true;
  }
}

function isBounded(state: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    if (!(Math.abs(state[i]) <= stateLimit)) {
      return false;
    }
  }
  return true;
}
