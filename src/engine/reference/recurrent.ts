import type { GruOp, LstmOp, SimpleRnnOp } from '../../model/plan/step-op.js';
import { referenceActivation } from './activation.js';
import { setBias, multiplyAdd, readState } from './matrix.js';
import type { ApplyActivation } from './softmax.js';
import type { StepWork } from '../interpreter/step-work.js';

/** The values of a recurrent operation; `mask` is null where nothing is masked. */
export interface RecurrentValues {
  readonly x: Float64Array;
  readonly mask: Float64Array | null;
  readonly h: Float64Array;
}

/** Runs a cell from the h of the state to the next; where the mask is 0 the state stays as it is. */
export function recurrentWork(
  { x, mask, h }: RecurrentValues,
  hOffset: number,
  cell: (x: Float64Array, h: Float64Array, state: Float32Array, lane: number) => void,
): StepWork {
  return (state, lane) => {
    readState(h, state, lane + hOffset);
    if (mask?.[0] === 0) {
      return true;
    }
    cell(x, h, state, lane);
    state.set(h, lane + hOffset);
    return true;
  };
}

export function lstmWork(op: LstmOp, values: RecurrentValues): StepWork {
  const { units, cOffset } = op;
  const activate = referenceActivation(op.activation);
  const gate = referenceActivation(op.recurrentActivation);
  const activateState = referenceActivation(op.stateActivation ?? op.activation);
  const bound = clipTo(op.clip);
  const { peepholes } = op;
  const z = new Float64Array(4 * units);
  const c = new Float64Array(units);
  return recurrentWork(values, op.hOffset, (x, h, state, lane) => {
    setBias(z, op.bias);
    multiplyAdd(z, x, op.kernel);
    multiplyAdd(z, h, op.recurrentKernel);
    readState(c, state, lane + cOffset);
    if (peepholes !== undefined) {
      for (let i = 0; i < 2 * units; i += 1) {
        z[i] += peepholes[i] * c[i % units];
      }
    }
    bound(z, 0, 3 * units);
    gate(z, 0, units);
    gate(z, units, units);
    activate(z, 2 * units, units);
    for (let i = 0; i < units; i += 1) {
      const forget = op.isCoupled === true ? 1 - z[i] : z[units + i];
      c[i] = forget * c[i] + z[i] * z[2 * units + i];
    }
    state.set(c, lane + cOffset);
    if (peepholes !== undefined) {
      for (let i = 0; i < units; i += 1) {
        z[3 * units + i] += peepholes[2 * units + i] * c[i];
      }
    }
    bound(z, 3 * units, units);
    gate(z, 3 * units, units);
    activateState(c, 0, units);
    for (let i = 0; i < units; i += 1) {
      h[i] = z[3 * units + i] * c[i];
    }
  });
}

export function gruWork(op: GruOp, values: RecurrentValues): StepWork {
  const { units, kernel, recurrentKernel, resetAfter } = op;
  const activate = referenceActivation(op.activation);
  const gate = referenceActivation(op.recurrentActivation);
  const bound = clipTo(op.clip);
  /** z is x W + b, u is h U + rb, each with the gates z, r and the candidate. */
  const z = new Float64Array(3 * units);
  const u = new Float64Array(3 * units);
  const reset = new Float64Array(units);
  return recurrentWork(values, op.hOffset, (x, h) => {
    setBias(z, op.bias);
    multiplyAdd(z, x, kernel);
    setBias(u, op.recurrentBias);
    multiplyAdd(u, h, recurrentKernel);
    for (let i = 0; i < 2 * units; i += 1) {
      z[i] += u[i];
    }
    bound(z, 0, 2 * units);
    gate(z, 0, units);
    gate(z, units, units);
    if (resetAfter) {
      for (let i = 0; i < units; i += 1) {
        z[2 * units + i] += z[units + i] * u[2 * units + i];
      }
    } else {
      for (let i = 0; i < units; i += 1) {
        reset[i] = z[units + i] * h[i];
      }
      for (let row = 0; row < units; row += 1) {
        const weights = row * 3 * units + 2 * units;
        for (let i = 0; i < units; i += 1) {
          z[2 * units + i] += reset[row] * recurrentKernel[weights + i];
        }
      }
    }
    bound(z, 2 * units, units);
    activate(z, 2 * units, units);
    for (let i = 0; i < units; i += 1) {
      const update = z[i];
      h[i] = update * h[i] + (1 - update) * z[2 * units + i];
    }
  });
}

export function simpleRnnWork(op: SimpleRnnOp, values: RecurrentValues): StepWork {
  const activate = referenceActivation(op.activation);
  const bound = clipTo(op.clip);
  const z = new Float64Array(op.units);
  return recurrentWork(values, op.hOffset, (x, h) => {
    setBias(z, op.bias);
    multiplyAdd(z, x, op.kernel);
    multiplyAdd(z, h, op.recurrentKernel);
    bound(z, 0, op.units);
    activate(z, 0, op.units);
    h.set(z);
  });
}

/** Bounds numbers to `[-clip, clip]`; does nothing without a bound. */
function clipTo(clip: number | undefined): ApplyActivation {
  return clip === undefined
    ? () => undefined
    : referenceActivation({ kind: 'clip', least: -clip, most: clip });
}
