import { test } from 'node:test';
import type { GlobalPoolOp, MergeOp, StepOp } from '#src/model/plan/step-op.js';
import { Draw } from '../../support/draw.js';
import { assertNear, drawRows, product, runOps, sum, type Row } from '../../support/run-ops.js';

const steps = 10;
const size = 3;
const names = { layer: 'op', input: 0, output: 1 };
const draw = new Draw(1);
const samples = drawRows(draw, steps, size);

test('affine', () => {
  const [scale, shift] = [draw.floats(size, 2), draw.floats(size, 2)];
  assertNear(
    runOps([{ kind: 'affine', ...names, scale, shift }], [size, size], 0, samples),
    samples.map((row) =>
      row.map((x, i) => x * (scale[i] ?? Number.NaN) + (shift[i] ?? Number.NaN)),
    ),
  );
});

test('PReLU with a slope for each of three steps, over and over', () => {
  const alpha = draw.floats(3 * size, 1);
  const op: StepOp = { kind: 'prelu', ...names, alpha, steps: 3, positionOffset: 0 };
  assertNear(
    runOps([op], [size, size], 1, samples),
    samples.map((row, n) =>
      row.map((x, i) => (x > 0 ? x : x * (alpha[(n % 3) * size + i] ?? Number.NaN))),
    ),
  );
});

test('layer normalisation', () => {
  const [gamma, beta] = [draw.floats(size, 1), draw.floats(size, 1)];
  const epsilon = 0.001;
  const normal = samples.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / size;
    const variance = row.reduce((total, x) => total + (x - mean) ** 2, 0) / size;
    return row.map((x) => (x - mean) / Math.sqrt(variance + epsilon));
  });
  const op = { kind: 'layerNorm', ...names, epsilon } as const;
  assertNear(runOps([{ ...op, gamma: null, beta: null }], [size, size], 0, samples), normal);
  assertNear(
    runOps([{ ...op, gamma, beta }], [size, size], 0, samples),
    normal.map((row) => row.map((x, i) => x * (gamma[i] ?? Number.NaN) + (beta[i] ?? Number.NaN))),
  );
});

test('a mask is 0 where every float is the value in float32, and clears the sample there', () => {
  const value = Math.fround(0.1);
  const rows = [
    [value, value],
    [value, 1],
    [1, value],
    [0, 0],
  ];
  const mask: StepOp = { kind: 'mask', ...names, mask: 2, maskValue: 0.1 };
  const both: StepOp = { ...names, kind: 'concatenate', inputs: [1, 2], output: 3 };
  assertNear(runOps([mask, both], [2, 2, 1, 3], 0, rows), [
    [0, 0, 0],
    [value, 1, 1],
    [1, value, 1],
    [0, 0, 1],
  ]);
});

const merges: readonly (readonly [MergeOp['operation'], (column: Row) => number])[] = [
  ['add', ([a = Number.NaN, b = Number.NaN, c = Number.NaN]) => a + b + c],
  ['multiply', ([a = Number.NaN, b = Number.NaN, c = Number.NaN]) => a * b * c],
  ['average', ([a = Number.NaN, b = Number.NaN, c = Number.NaN]) => (a + b + c) / 3],
  ['maximum', (column) => Math.max(...column)],
  ['minimum', (column) => Math.min(...column)],
  ['subtract', ([a = Number.NaN, b = Number.NaN]) => a - b],
];
for (const [operation, combine] of merges) {
  test(`merge: ${operation}`, () => {
    const scale = Float32Array.of(-1, 2, 0.5);
    const shift = Float32Array.of(0, 1, 0);
    const second: StepOp = { kind: 'affine', ...names, scale, shift };
    const third: StepOp = { kind: 'affine', ...names, output: 2, scale: shift, shift: scale };
    const inputs = operation === 'subtract' ? [0, 1] : [0, 1, 2];
    const merge: StepOp = { kind: 'merge', ...names, output: 3, inputs, operation };
    const expected = samples.map((row) =>
      row.map((x, i) => {
        const [s = Number.NaN, t = Number.NaN] = [scale[i], shift[i]];
        return combine([x, x * s + t, x * t + s]);
      }),
    );
    const sizes = [size, size, size, size];
    assertNear(runOps([second, third, merge], sizes, 0, samples), expected);
  });
}

test('an operation waits until all of its inputs are fresh', () => {
  const thinned: StepOp = {
    ...names,
    kind: 'conv',
    size: 1,
    stride: 3,
    dilation: 1,
    padBefore: 0,
    groups: 1,
    kernel: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    bias: null,
    historyOffset: 0,
    activation: { kind: 'linear' },
    countOffset: 0,
  };
  const doubled: StepOp = { ...names, kind: 'merge', inputs: [0, 1], output: 2, operation: 'add' };
  // The accumulator shows that it took none of the steps between.
  const summed: StepOp = {
    kind: 'timeDense',
    layer: 'sum',
    input: 2,
    output: 3,
    bias: null,
    kernel: new Float32Array(5 * size).fill(1),
    activation: { kind: 'linear' },
    accOffset: 1,
    positionOffset: 2,
  };
  const rows = runOps([thinned, doubled, summed], [size, size, size, 1], 3, samples);
  let total = 0;
  const expected = samples.map((row, n) => {
    if (n % 3 !== 0) {
      return null;
    }
    for (const x of row) {
      total += 2 * x;
    }
    return [total];
  });
  assertNear(rows, expected);
});

test('a sum over time is that of Flatten and Dense, and begins anew after its last step', () => {
  const [units, window] = [2, 4];
  const kernel = draw.floats(window * size * units, 1);
  const bias = draw.floats(units, 1);
  const op: StepOp = {
    kind: 'timeDense',
    ...names,
    kernel,
    bias,
    activation: { kind: 'tanh' },
    accOffset: 1,
    positionOffset: 0,
  };
  const expected = samples.map((_, n) => {
    const begin = n - (n % window);
    const so = samples.slice(begin, n + 1).flat();
    const flat = [...so, ...Array.from({ length: window * size - so.length }, () => 0)];
    return sum(product(flat, kernel, units), [...bias]).map(Math.tanh);
  });
  assertNear(runOps([op], [size, units], 1 + units, samples), expected);
});

for (const operation of ['maximum', 'average'] as const) {
  test(`global ${operation} of the steps so far that no mask leaves out`, () => {
    const masked = new Set([0, 1, 4, 9]);
    const rows = samples.map((row, n) => (masked.has(n) ? row.map(() => 9) : row));
    const op: GlobalPoolOp = {
      kind: 'globalPool',
      ...names,
      operation,
      mask: null,
      accOffset: 0,
      countOffset: size,
    };
    const mask: StepOp = { kind: 'mask', ...names, mask: 2, maskValue: 9 };
    const pooled = (kept: readonly Row[]): Row | null =>
      kept[0]?.map((_, i) => {
        const column = kept.map((row) => row[i] ?? Number.NaN);
        return operation === 'maximum'
          ? Math.max(...column)
          : column.reduce((a, b) => a + b, 0) / column.length;
      }) ?? null;
    assertNear(
      runOps([op], [size, size], size + 1, samples),
      samples.map((_, n) => pooled(samples.slice(0, n + 1))),
    );
    assertNear(
      runOps(
        [mask, { ...op, input: 1, mask: 2, output: 3 }],
        [size, size, 1, size],
        size + 1,
        rows,
      ),
      rows.map((_, n) => pooled(rows.slice(0, n + 1).filter((row) => row[0] !== 9))),
    );
  });
}
