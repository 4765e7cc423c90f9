import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activation } from '#src/model/plan/activation.js';
import type { GruOp, LstmOp, SimpleRnnOp } from '#src/model/plan/step-op.js';
import { Draw } from '../../support/draw.js';
import {
  assertNear,
  drawRows,
  gatesOf,
  product,
  runOps,
  softmax,
  sum,
  times,
} from '../../support/run-ops.js';
import type { Row } from '../../support/run-ops.js';

const inputs = 3;
const units = 4;
const steps = 12;

type Apply = (row: Row) => Row;
const tanh: Apply = (row) => row.map(Math.tanh);
const sigmoid: Apply = (row) => row.map((x) => 1 / (1 + Math.exp(-x)));
/** Gate and candidate activations; softmax is over the units of one gate. */
const activations: readonly (readonly [Activation, Apply, Activation, Apply])[] = [
  [{ kind: 'sigmoid' }, sigmoid, { kind: 'tanh' }, tanh],
  [{ kind: 'softmax' }, softmax, { kind: 'tanh' }, tanh],
  [{ kind: 'sigmoid' }, sigmoid, { kind: 'softmax' }, softmax],
];

function shared(draw: Draw, gates: number, bias: boolean) {
  return {
    layer: 'cell',
    input: 0,
    output: 1,
    units,
    mask: null,
    hOffset: 0,
    kernel: draw.floats(inputs * gates * units, 1),
    recurrentKernel: draw.floats(units * gates * units, 1),
    bias: bias ? draw.floats(gates * units, 1) : null,
  };
}

const zeros: Row = Array.from({ length: units }, () => 0);

/** h of every step, from a function of x and the h before. */
function unroll(samples: readonly Row[], next: (x: Row, h: Row) => Row): Row[] {
  let h = zeros;
  return samples.map((x) => (h = next(x, h)));
}

/** A column range of a row-major matrix, as a matrix of its own. */
function gateColumns(kernel: Float32Array, columns: number, gate: number): Float32Array {
  return kernel.filter((_, i) => Math.floor((i % columns) / units) === gate);
}

function biasOf(bias: Float32Array | null, size: number): number[] {
  return bias === null ? Array.from({ length: size }, () => 0) : [...bias];
}

for (const [recurrentActivation, gate, activation, activate] of activations) {
  for (const bias of [true, false]) {
    const name = `${recurrentActivation.kind}, ${activation.kind}${bias ? '' : ', no bias'}`;

    test(`LSTM: ${name}`, () => {
      const draw = new Draw(1);
      const op: LstmOp = {
        kind: 'lstm',
        ...shared(draw, 4, bias),
        activation,
        recurrentActivation,
        cOffset: units,
      };
      const samples = drawRows(draw, steps, inputs);
      let c = zeros;
      const expected = unroll(samples, (x, h) => {
        const z = sum(
          product(x, op.kernel, 4 * units),
          product(h, op.recurrentKernel, 4 * units),
          biasOf(op.bias, 4 * units),
        );
        const [i = [], f = [], g = [], o = []] = gatesOf(z, units);
        c = sum(times(gate(f), c), times(gate(i), activate(g)));
        return times(gate(o), activate(c));
      });
      assertNear(runOps([op], [inputs, units], 2 * units, samples), expected);
    });

    for (const resetAfter of [true, false]) {
      test(`GRU: ${name}, reset ${resetAfter ? 'after' : 'before'} the product`, () => {
        const draw = new Draw(2);
        const op: GruOp = {
          kind: 'gru',
          ...shared(draw, 3, bias),
          recurrentBias: resetAfter && bias ? draw.floats(3 * units, 1) : null,
          activation,
          recurrentActivation,
          resetAfter,
        };
        const samples = drawRows(draw, steps, inputs);
        const recurrentBias = gatesOf(biasOf(op.recurrentBias, 3 * units), units);
        const bound = gatesOf(biasOf(op.bias, 3 * units), units);
        const fromH = (n: number, memory: Row): Row =>
          product(memory, gateColumns(op.recurrentKernel, 3 * units, n), units);
        const expected = unroll(samples, (x, h) => {
          const fromX = (n: number): Row =>
            sum(product(x, gateColumns(op.kernel, 3 * units, n), units), bound[n] ?? []);
          const z = gate(sum(fromX(0), fromH(0, h), recurrentBias[0] ?? []));
          const r = gate(sum(fromX(1), fromH(1, h), recurrentBias[1] ?? []));
          const remembered = resetAfter
            ? times(r, sum(fromH(2, h), recurrentBias[2] ?? []))
            : fromH(2, times(r, h));
          const candidate = activate(sum(fromX(2), remembered));
          return z.map(
            (kept, i) => kept * (h[i] ?? Number.NaN) + (1 - kept) * (candidate[i] ?? Number.NaN),
          );
        });
        assertNear(runOps([op], [inputs, units], units, samples), expected);
      });
    }
  }
}

for (const [, , activation, activate] of activations.slice(1)) {
  test(`SimpleRNN: ${activation.kind}`, () => {
    const draw = new Draw(3);
    const op: SimpleRnnOp = { kind: 'simpleRnn', ...shared(draw, 1, true), activation };
    const samples = drawRows(draw, steps, inputs);
    const expected = unroll(samples, (x, h) =>
      activate(
        sum(product(x, op.kernel, units), product(h, op.recurrentKernel, units), [
          ...(op.bias ?? []),
        ]),
      ),
    );
    assertNear(runOps([op], [inputs, units], units, samples), expected);
  });
}

test('a masked step leaves the state and gives the h of before', () => {
  const draw = new Draw(4);
  const names = { layer: 'mask', input: 0, output: 1, mask: 2 };
  const lstm: LstmOp = {
    kind: 'lstm',
    ...shared(draw, 4, true),
    input: 1,
    output: 3,
    mask: 2,
    cOffset: units,
    activation: { kind: 'tanh' },
    recurrentActivation: { kind: 'sigmoid' },
  };
  const maskValue = -0.7;
  const masked = new Set([0, 3, 4, 8]);
  const samples = drawRows(draw, steps, inputs).map((row, n) =>
    masked.has(n) ? row.map(() => Math.fround(maskValue)) : row,
  );
  const sizes = [inputs, inputs, 1, units];
  const rows = runOps([{ kind: 'mask', ...names, maskValue }, lstm], sizes, 2 * units, samples);
  const kept = samples.filter((_, n) => !masked.has(n));
  const unmasked = { ...lstm, input: 0, output: 1, mask: null };
  const expected = runOps([unmasked], [inputs, units], 2 * units, kept);
  let last: Row | null = zeros;
  let next = 0;
  for (const [n, row] of rows.entries()) {
    if (!masked.has(n)) {
      last = expected[next] ?? null;
      next += 1;
    }
    assert.deepEqual(row, last, `step ${n}`);
  }
});
