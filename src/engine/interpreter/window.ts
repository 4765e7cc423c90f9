import type { WindowPlan } from '../../model/plan/window-plan.js';
import type { Arithmetic } from './arithmetic.js';
import { StepFlag } from '../program/engine.js';
import { stateHeaderSize, type StepProgram } from '../program/program.js';
import type { SampleStep } from './sample-step.js';
import { windowOperation, type WindowBuffer, type WindowOperation } from './window-operation.js';

/** Computes the plan's whole window anew at each sample at which one is due. */
export class WindowInterpreter implements SampleStep {
  readonly sample: Float64Array;
  readonly #program: StepProgram;
  readonly #samples: Float64Array;
  readonly #operations: readonly WindowOperation[];
  readonly #outputs: readonly WindowBuffer[];

  constructor(program: StepProgram, plan: WindowPlan, workOf: Arithmetic['workOf']) {
    const buffers = plan.values.map(({ steps, size }) => ({
      steps,
      size,
      values: new Float64Array(steps * size),
    }));
    const buffer = (value: number): WindowBuffer => {
      const found: WindowBuffer | undefined = buffers[value];
      if (found === undefined) {
        throw new RangeError(`the window plan has no value ${value}`);
      }
      return found;
    };
    const scratch = new Float32Array(plan.scratchSize);
    this.sample = new Float64Array(program.plan.features);
    this.#program = program;
    this.#samples = buffer(0).values;
    this.#operations = plan.ops.map((op) => windowOperation(op, buffer, scratch, workOf));
    this.#outputs = plan.outputs.map(buffer);
  }

  step(state: Float32Array, seen: number, phase: number, row: Float32Array): number {
    const { window, stride, stateSize } = this.#program;
    const { sample } = this;
    state.copyWithin(stateHeaderSize, stateHeaderSize + sample.length, stateSize);
    state.set(sample, stateSize - sample.length);
    for (let i = 0; i < this.#samples.length; i += 1) {
      const value = state[stateHeaderSize + i];
      if (!Number.isFinite(value)) {
        return StepFlag.reset;
      }
      this.#samples[i] = value;
    }
    if (seen < window || phase !== (window - 1) % stride) {
      return 0;
    }
    for (const operation of this.#operations) {
      if (!operation()) {
        return 0;
      }
    }
    let at = 0;
    for (const { steps, size, values } of this.#outputs) {
      for (let i = 0; i < size; i += 1) {
        row[at] = values[(steps - 1) * size + i];
        at += 1;
      }
    }
    return StepFlag.output;
  }
}
