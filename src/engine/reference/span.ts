import type { ConvOp, PoolOp, SkipOp } from '../../model/plan/step-op.js';
import { referenceActivation } from './activation.js';
import { setBias } from './matrix.js';
import { readCounter, type StepWork } from '../interpreter/step-work.js';

/** Adds tap `tap` of the span to the output; the input under the tap begins at `from` of `values`. */
type TakeTap = (values: Float32Array | Float64Array, from: number, tap: number) => void;

/** How one output of a span is computed: begin, take each tap, end. */
export interface SpanWork {
  readonly begin: () => void;
  readonly take: TakeTap;
  /** @param taken the number of taps that were taken */
  readonly end: (taken: number) => void;
}

/**
 * Keeps the history and the counts of a span operation, and has its outputs computed when they are
 * due. A pooling takes no tap that lies on padding; a convolution takes it, because the history holds
 * zeros there.
 */
export function spanWork(op: ConvOp | PoolOp, x: Float64Array, work: SpanWork): StepWork {
  const { size, stride, dilation, padBefore, historyOffset, countOffset } = op;
  const past = dilation * (size - 1);
  const first = past - padBefore;
  const seenOffset = op.kind === 'pool' ? op.seenOffset : null;
  return (state, lane) => {
    const history = lane + historyOffset;
    const count = readCounter(state, lane + countOffset, first + stride - 1);
    const fresh = count === first;
    const seen = seenOffset === null ? past : readCounter(state, lane + seenOffset, past);
    if (fresh) {
      work.begin();
      const padding = Math.ceil((past - seen) / dilation);
      for (let tap = padding; tap < size - 1; tap += 1) {
        work.take(state, history + tap * dilation * x.length, tap);
      }
      work.take(x, 0, size - 1);
      work.end(size - padding);
    }
    state[lane + countOffset] = count + 1 === first + stride ? first : count + 1;
    if (seenOffset !== null) {
      state[lane + seenOffset] = Math.min(seen + 1, past);
    }
    if (past > 0) {
      state.copyWithin(history, history + x.length, history + past * x.length);
      state.set(x, history + (past - 1) * x.length);
    }
    return fresh;
  };
}

export function convWork(op: ConvOp, x: Float64Array, y: Float64Array): StepWork {
  const { kernel, bias, groups } = op;
  const activate = referenceActivation(op.activation);
  const inputs = x.length / groups;
  const filters = y.length / groups;
  return spanWork(op, x, {
    begin: () => setBias(y, bias),
    take: (values, from, tap) => {
      for (let row = 0; row < inputs; row += 1) {
        const weights = (tap * inputs + row) * y.length;
        for (let group = 0; group < groups; group += 1) {
          const value = values[from + group * inputs + row];
          for (let f = group * filters; f < (group + 1) * filters; f += 1) {
            y[f] += value * kernel[weights + f];
          }
        }
      }
    },
    end: () => activate(y, 0, y.length),
  });
}

export function poolWork(op: PoolOp, x: Float64Array, y: Float64Array): StepWork {
  if (op.operation === 'average') {
    return spanWork(op, x, {
      begin: () => y.fill(0),
      take: (values, from) => {
        for (let i = 0; i < y.length; i += 1) {
          y[i] += values[from + i];
        }
      },
      end: (taken) => {
        for (let i = 0; i < y.length; i += 1) {
          y[i] /= taken;
        }
      },
    });
  }
  return spanWork(op, x, {
    begin: () => y.fill(-Infinity),
    take: (values, from) => {
      for (let i = 0; i < y.length; i += 1) {
        y[i] = Math.max(y[i], values[from + i]);
      }
    },
    end: () => undefined,
  });
}

export function skipWork(op: SkipOp, x: Float64Array, y: Float64Array): StepWork {
  return (state, lane) => {
    const count = readCounter(state, lane + op.countOffset, op.count);
    state[lane + op.countOffset] = Math.min(count + 1, op.count);
    if (count < op.count) {
      return false;
    }
    y.set(x);
    return true;
  };
}
