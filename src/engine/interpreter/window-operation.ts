import { inputsOf, outputsOf, type ValueId } from '../../model/plan/step-op.js';
import type { WindowOp, WindowValue } from '../../model/plan/window-plan.js';
import type { Arithmetic } from './arithmetic.js';
import { stepOperation } from './operation.js';
import { createValueBuffer, type ValueBuffer } from './value-buffer.js';

/** The memory of one value over a whole window, (steps, size), row-major. */
export interface WindowBuffer extends WindowValue {
  readonly values: Float64Array;
}

/** Computes one operation over a window; false where it has not filled an output. */
export type WindowOperation = () => boolean;

type ScanOp = Extract<WindowOp, { readonly kind: 'scan' }>;

/**
 * Makes the function that computes an operation over a window.
 *
 * @param buffer gives the memory of a value, the same at each call
 * @param scratch the state of the step operations of scans, zeroed before each of them
 */
export function windowOperation(
  op: WindowOp,
  buffer: (value: ValueId) => WindowBuffer,
  scratch: Float32Array,
  workOf: Arithmetic['workOf'],
): WindowOperation {
  if (op.kind === 'scan') {
    return scan(op, buffer, scratch, workOf);
  }
  const from = buffer(op.input);
  const to = buffer(op.output);
  const write = layoutWork(op, from, to);
  return () => {
    write();
    return true;
  };
}

/** The work of an operation that only moves floats from one buffer to another. */
function layoutWork(
  op: Exclude<WindowOp, ScanOp>,
  from: WindowBuffer,
  to: WindowBuffer,
): () => void {
  switch (op.kind) {
    case 'pad':
      to.values.fill(op.value);
      return () => to.values.set(from.values, op.before * to.size);
    case 'crop': {
      const begin = op.before * from.size;
      const kept = from.values.subarray(begin, begin + to.values.length);
      return () => to.values.set(kept);
    }
    case 'repeat':
      return () => {
        for (let step = 0; step < to.steps; step += 1) {
          to.values.set(from.values, step * to.size);
        }
      };
    case 'reshape':
      return () => to.values.set(from.values);
    case 'transpose':
      return () => {
        for (let row = 0; row < from.steps; row += 1) {
          for (let column = 0; column < from.size; column += 1) {
            to.values[column * to.size + row] = from.values[row * from.size + column];
          }
        }
      };
  }
}

function scan(
  { op, reverse, initial = [], final = [] }: ScanOp,
  buffer: (value: ValueId) => WindowBuffer,
  scratch: Float32Array,
  workOf: Arithmetic['workOf'],
): WindowOperation {
  const stepBuffers = new Map<ValueId, ValueBuffer>();
  for (const value of [...inputsOf(op), ...outputsOf(op)]) {
    stepBuffers.set(value, createValueBuffer(buffer(value).size));
  }
  const stepBuffer = (value: ValueId): ValueBuffer =>
    stepBuffers.get(value) ?? createValueBuffer(0);
  const operation = stepOperation(op, stepBuffer, workOf);
  const inputs = [...new Set(inputsOf(op))].map((value) => ({
    values: buffer(value).values,
    stepBuffer: stepBuffer(value),
  }));
  const outputs = outputsOf(op).map(
    (value) => new ScanOutput(buffer(value), stepBuffer(value), reverse),
  );
  const { steps } = buffer(op.input);
  const toState = initial.map(({ value, offset }) => ({ ...buffer(value), offset }));
  const fromState = final.map(({ value, offset }) => ({ ...buffer(value), offset }));
  return () => {
    scratch.fill(0);
    for (const { values, offset } of toState) {
      scratch.set(values, offset);
    }
    for (const output of outputs) {
      output.begin();
    }
    for (let n = 0; n < steps; n += 1) {
      const step = reverse ? steps - 1 - n : n;
      for (const input of inputs) {
        takeStep(input.stepBuffer, input.values, step);
      }
      operation(scratch, 0);
      for (const output of outputs) {
        output.append();
      }
    }
    for (const { values, offset } of fromState) {
      values.set(scratch.subarray(offset, offset + values.length));
    }
    for (const output of outputs) {
      if (!output.isFull) {
        return false;
      }
    }
    return true;
  };
}

function takeStep(stepBuffer: ValueBuffer, from: Float64Array, step: number): void {
  const { values } = stepBuffer;
  const at = step * values.length;
  for (let i = 0; i < values.length; i += 1) {
    values[i] = from[at + i];
  }
  stepBuffer.fresh = true;
}

/** Collects the fresh rows of a scan, in the order of time whichever way the scan runs. */
class ScanOutput {
  #rows = 0;

  readonly #buffer: WindowBuffer;
  readonly #stepBuffer: ValueBuffer;
  readonly #reverse: boolean;

  constructor(buffer: WindowBuffer, stepBuffer: ValueBuffer, reverse: boolean) {
    this.#buffer = buffer;
    this.#stepBuffer = stepBuffer;
    this.#reverse = reverse;
  }

  get isFull(): boolean {
    return this.#rows === this.#buffer.steps;
  }

  begin(): void {
    this.#rows = 0;
  }

  append(): void {
    if (!this.#stepBuffer.fresh) {
      return;
    }
    const { steps, size, values } = this.#buffer;
    if (this.isFull) {
      this.#dropFirst();
    }
    values.set(
      this.#stepBuffer.values,
      (this.#reverse ? steps - 1 - this.#rows : this.#rows) * size,
    );
    this.#rows += 1;
  }

  #dropFirst(): void {
    const { size, values } = this.#buffer;
    if (this.#reverse) {
      values.copyWithin(size, 0);
    } else {
      values.copyWithin(0, size);
    }
    this.#rows -= 1;
  }
}
