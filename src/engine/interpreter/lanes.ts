import type { Arithmetic } from './arithmetic.js';
import { StepFlag } from '../program/engine.js';
import { phaseCount, stateHeaderSize, stateLimit, type StepProgram } from '../program/program.js';
import { stepOperation, type StepOperation } from './operation.js';
import { createValueBuffer, type ValueBuffer } from './value-buffer.js';
import type { SampleStep } from './sample-step.js';

/** The memory that the row of an output is read from. */
interface OutputRow {
  readonly buffer: ValueBuffer;
  /** Offsets in a lane: of the row that is held, and of the 1 that says so; null where none is held. */
  readonly held: { readonly row: number; readonly holds: number } | null;
}

/** Steps the plan's operations in every lane that is within its window. */
export class LaneInterpreter implements SampleStep {
  readonly sample: Float64Array;
  readonly #program: StepProgram;
  readonly #phaseCount: number;
  readonly #operations: readonly StepOperation[];
  readonly #outputs: readonly OutputRow[];

  constructor(program: StepProgram, workOf: Arithmetic['workOf']) {
    const { ops, valueSizes, outputs } = program.plan;
    const buffers = valueSizes.map(createValueBuffer);
    const buffer = (value: number): ValueBuffer => {
      const found: ValueBuffer | undefined = buffers[value];
      if (found === undefined) {
        throw new RangeError(`the plan has no value ${value}`);
      }
      return found;
    };
    const input = buffer(0);
    input.fresh = true;
    this.sample = input.values;
    this.#program = program;
    this.#phaseCount = phaseCount(program);
    this.#operations = ops.map((op) => stepOperation(op, buffer, workOf));
    this.#outputs = outputs.map(({ value, heldOffset, holdsOffset }) => ({
      buffer: buffer(value),
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
    for (const { buffer, held } of this.#outputs) {
      if (held === null || !buffer.fresh) {
        continue;
      }
      state.set(buffer.values, lane + held.row);
      state[lane + held.holds] = 1;
    }
  }

  /** False where an output is neither fresh nor, at a window's last step, held. */
  #writeRow(state: Float32Array, lane: number, isLast: boolean, row: Float32Array): boolean {
    let at = 0;
    for (const { buffer, held } of this.#outputs) {
      const { values, fresh } = buffer;
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
