import type {
  ActivationOp,
  DenseOp,
  LstmOp,
  StepOp,
  StreamPlan,
  TimeDenseOp,
  ValueId,
} from '../model/plan.js';
import { referenceActivation, scalarActivation } from './reference-activation.js';

/**
 * Steps one operation: reads and writes the registers that it was made with, and
 * its own part of a lane.
 *
 * @param lane offset of the lane in the state
 * @param age step of the lane's window
 */
export type StepOperation = (state: Float32Array, lane: number, age: number) => void;

/** The operations of a plan over registers of their own; `registers[0]` takes the sample. */
export function referenceOperations(plan: StreamPlan): {
  readonly registers: readonly Float64Array[];
  readonly steps: readonly StepOperation[];
} {
  const registers = plan.valueSizes.map((size) => new Float64Array(size));
  const register = (value: ValueId): Float64Array => {
    const found = registers[value];
    if (found === undefined) throw new RangeError(`the plan has no value ${value}`);
    return found;
  };
  return {
    registers,
    steps: plan.ops.map((op) => stepOf(op, register(op.input), register(op.output))),
  };
}

function stepOf(op: StepOp, x: Float64Array, y: Float64Array): StepOperation {
  switch (op.kind) {
    case 'lstm':
      return lstmStep(op, x, y);
    case 'dense':
      return denseStep(op, x, y);
    case 'timeDense':
      return timeDenseStep(op, x, y);
    case 'activation':
      return activationStep(op, x, y);
  }
}

function lstmStep(op: LstmOp, x: Float64Array, h: Float64Array): StepOperation {
  const { units, kernel, recurrentKernel, bias, hOffset, cOffset } = op;
  const activation = scalarActivation(op.activation);
  const gate = scalarActivation(op.recurrentActivation);
  const z = new Float64Array(4 * units);
  return (state, lane) => {
    load(z, bias);
    multiplyAdd(z, x, kernel, 0);
    for (let row = 0; row < units; row++) {
      const carried = state[lane + hOffset + row] ?? 0;
      const weights = row * z.length;
      for (let i = 0; i < z.length; i++)
        z[i] = (z[i] ?? 0) + carried * (recurrentKernel[weights + i] ?? 0);
    }
    for (let i = 0; i < units; i++) {
      const input = gate(z[i] ?? 0);
      const forget = gate(z[units + i] ?? 0);
      const candidate = activation(z[2 * units + i] ?? 0);
      const output = gate(z[3 * units + i] ?? 0);
      const c = forget * (state[lane + cOffset + i] ?? 0) + input * candidate;
      h[i] = output * activation(c);
      state[lane + cOffset + i] = c;
      state[lane + hOffset + i] = h[i] ?? 0;
    }
  };
}

function denseStep(op: DenseOp, x: Float64Array, y: Float64Array): StepOperation {
  const { kernel, bias } = op;
  const activate = referenceActivation(op.activation);
  return () => {
    load(y, bias);
    multiplyAdd(y, x, kernel, 0);
    activate(y, y.length);
  };
}

function timeDenseStep(op: TimeDenseOp, x: Float64Array, y: Float64Array): StepOperation {
  const { kernel, bias, accOffset } = op;
  const activate = referenceActivation(op.activation);
  return (state, lane, age) => {
    const at = lane + accOffset;
    for (let i = 0; i < y.length; i++) y[i] = state[at + i] ?? 0;
    multiplyAdd(y, x, kernel, age * x.length * y.length);
    for (let i = 0; i < y.length; i++) {
      state[at + i] = y[i] ?? 0;
      y[i] = (y[i] ?? 0) + (bias?.[i] ?? 0);
    }
    activate(y, y.length);
  };
}

function activationStep(op: ActivationOp, x: Float64Array, y: Float64Array): StepOperation {
  const activate = referenceActivation(op.activation);
  return () => {
    y.set(x);
    activate(y, y.length);
  };
}

function load(y: Float64Array, bias: Float32Array | null): void {
  if (bias === null) y.fill(0);
  else y.set(bias);
}

/** `y += x W`, W being (x.length, y.length), row-major from `offset`. */
function multiplyAdd(y: Float64Array, x: Float64Array, kernel: Float32Array, offset: number): void {
  for (let row = 0; row < x.length; row++) {
    const value = x[row] ?? 0;
    const weights = offset + row * y.length;
    for (let i = 0; i < y.length; i++) y[i] = (y[i] ?? 0) + value * (kernel[weights + i] ?? 0);
  }
}
