import type { GruOp, LstmOp, SimpleRnnOp } from '../../model/plan/step-op.js';
import { recurrentWork, type RecurrentValues } from '../reference/recurrent.js';
import type { StepWork } from '../interpreter/step-work.js';
import { matrixOf, plus, rowOf, weightsRow } from './row.js';
import type { TfTensor, TensorFlow } from './tensorflow.js';
import { tfjsActivation } from './activation.js';

export function lstmWork(tf: TensorFlow, op: LstmOp, values: RecurrentValues): StepWork {
  const { units, cOffset } = op;
  const kernel = matrixOf(tf, op.kernel, 4 * units);
  const recurrentKernel = matrixOf(tf, op.recurrentKernel, 4 * units);
  const bias = weightsRow(tf, op.bias);
  const activate = tfjsActivation(tf, op.activation);
  const gate = tfjsActivation(tf, op.recurrentActivation);
  return recurrentWork(values, op.hOffset, (x, h, state, lane) => {
    const memory = state.subarray(lane + cOffset, lane + cOffset + units);
    tf.tidy(() => {
      const product = tf.add(
        tf.matMul(rowOf(tf, x), kernel),
        tf.matMul(rowOf(tf, h), recurrentKernel),
      );
      const [input, forget, candidate, output] = gates(tf, plus(tf, product, bias), 4);
      const c = tf.add(
        tf.mul(gate(forget), rowOf(tf, memory)),
        tf.mul(gate(input), activate(candidate)),
      );
      memory.set(c.dataSync());
      h.set(tf.mul(gate(output), activate(c)).dataSync());
    });
  });
}

export function gruWork(tf: TensorFlow, op: GruOp, values: RecurrentValues): StepWork {
  const { units, resetAfter } = op;
  const kernel = matrixOf(tf, op.kernel, 3 * units);
  const bias = weightsRow(tf, op.bias);
  const recurrentKernel = matrixOf(tf, op.recurrentKernel, 3 * units);
  const recurrentBias = weightsRow(tf, op.recurrentBias);
  /** The columns of the candidate, which takes `(r h) U` where the reset comes before the product. */
  const candidateKernel = matrixOf(
    tf,
    op.recurrentKernel.filter((_, i) => i % (3 * units) >= 2 * units),
    units,
  );
  const activate = tfjsActivation(tf, op.activation);
  const gate = tfjsActivation(tf, op.recurrentActivation);
  return recurrentWork(values, op.hOffset, (x, h) => {
    tf.tidy(() => {
      const past = rowOf(tf, h);
      const fromInput = plus(tf, tf.matMul(rowOf(tf, x), kernel), bias);
      const fromPast = plus(tf, tf.matMul(past, recurrentKernel), recurrentBias);
      const [xz, xr, xh] = gates(tf, fromInput, 3);
      const [hz, hr, hh] = gates(tf, fromPast, 3);
      const update = gate(tf.add(xz, hz));
      const reset = gate(tf.add(xr, hr));
      const recalled = resetAfter
        ? tf.mul(reset, hh)
        : tf.matMul(tf.mul(reset, past), candidateKernel);
      const candidate = activate(tf.add(xh, recalled));
      const next = tf.add(tf.mul(update, past), tf.mul(tf.sub(1, update), candidate));
      h.set(next.dataSync());
    });
  });
}

export function simpleRnnWork(tf: TensorFlow, op: SimpleRnnOp, values: RecurrentValues): StepWork {
  const kernel = matrixOf(tf, op.kernel, op.units);
  const recurrentKernel = matrixOf(tf, op.recurrentKernel, op.units);
  const bias = weightsRow(tf, op.bias);
  const activate = tfjsActivation(tf, op.activation);
  return recurrentWork(values, op.hOffset, (x, h) => {
    tf.tidy(() => {
      const product = tf.add(
        tf.matMul(rowOf(tf, x), kernel),
        tf.matMul(rowOf(tf, h), recurrentKernel),
      );
      h.set(activate(plus(tf, product, bias)).dataSync());
    });
  });
}

type Gates = readonly [TfTensor, TfTensor, TfTensor, TfTensor];

/** The gates of a row, which lie one after the other. */
function gates(tf: TensorFlow, row: TfTensor, count: 3 | 4): Gates {
  return tf.split(row, count, 1) as unknown as Gates;
}
