import { test } from 'node:test';
import type { ConvOp, PoolOp } from '#src/model/plan/step-op.js';
import { Draw } from '../../support/draw.js';
import { assertNear, drawRows, runOps, type Row } from '../../support/run-ops.js';

const steps = 17;
const names = { layer: 'span', input: 0, output: 1 };

interface Shape {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
}

/** For each input the rows that the output there covers, null for padding; null without output. */
function spansOf(samples: readonly Row[], shape: Shape): ((Row | null)[] | null)[] {
  const { size, stride, dilation, padBefore } = shape;
  const spans: ((Row | null)[] | null)[] = samples.map(() => null);
  const padded = [...Array.from({ length: padBefore }, () => null), ...samples];
  for (let begin = 0; begin + dilation * (size - 1) < padded.length; begin += stride) {
    const last = begin + dilation * (size - 1) - padBefore;
    spans[last] = Array.from({ length: size }, (_, tap) => padded[begin + tap * dilation] ?? null);
  }
  return spans;
}

const shapes: readonly Shape[] = [
  { size: 1, stride: 1, dilation: 1, padBefore: 0 },
  { size: 3, stride: 1, dilation: 1, padBefore: 0 },
  { size: 3, stride: 1, dilation: 1, padBefore: 2 },
  { size: 4, stride: 2, dilation: 1, padBefore: 1 },
  { size: 2, stride: 5, dilation: 1, padBefore: 0 },
  { size: 1, stride: 3, dilation: 1, padBefore: 0 },
  { size: 3, stride: 1, dilation: 4, padBefore: 0 },
  { size: 3, stride: 2, dilation: 3, padBefore: 6 },
  { size: 3, stride: 3, dilation: 2, padBefore: 3 },
];

for (const shape of shapes) {
  const name = JSON.stringify(shape).replaceAll('"', '');
  for (const groups of [1, 2, 4]) {
    test(`convolution in ${groups} groups: ${name}`, () => {
      const draw = new Draw(1);
      const [inputs, filters] = [4, 8];
      const past = shape.dilation * (shape.size - 1);
      const kernel = draw.floats((shape.size * inputs * filters) / groups, 1);
      const bias = draw.floats(filters, 1);
      const op: ConvOp = {
        kind: 'conv',
        ...names,
        ...shape,
        groups,
        kernel,
        bias,
        activation: { kind: 'tanh' },
        historyOffset: 0,
        countOffset: past * inputs,
      };
      const samples = drawRows(draw, steps, inputs);
      const width = inputs / groups;
      const expected = spansOf(samples, shape).map(
        (span) =>
          span &&
          Array.from({ length: filters }, (_, filter) => {
            const group = Math.floor(filter / (filters / groups));
            let total = bias[filter] ?? Number.NaN;
            for (const [tap, row] of span.entries()) {
              for (let i = 0; i < width; i += 1) {
                total +=
                  (row === null ? 0 : (row[group * width + i] ?? Number.NaN)) *
                  (kernel[(tap * width + i) * filters + filter] ?? Number.NaN);
              }
            }
            return Math.tanh(total);
          }),
      );
      assertNear(runOps([op], [inputs, filters], past * inputs + 1, samples), expected);
    });
  }

  if (shape.dilation === 1) {
    for (const operation of ['maximum', 'average'] as const) {
      test(`${operation} of a pool: ${name}`, () => {
        const inputs = 3;
        const history = (shape.size - 1) * inputs;
        const op: PoolOp = {
          kind: 'pool',
          ...names,
          ...shape,
          operation,
          historyOffset: 0,
          countOffset: history,
          seenOffset: shape.padBefore > 0 ? history + 1 : null,
        };
        const samples = drawRows(new Draw(2), steps, inputs);
        const expected = spansOf(samples, shape).map((span) => {
          const rows = span?.filter((row) => row !== null);
          return (
            rows?.[0]?.map((_, i) => {
              const column = rows.map((row) => row[i] ?? Number.NaN);
              if (operation === 'maximum') {
                return Math.max(...column);
              }
              return column.reduce((a, b) => a + b, 0) / column.length;
            }) ?? null
          );
        });
        assertNear(runOps([op], [inputs, inputs], history + 2, samples), expected);
      });
    }
  }
}

test('a filter of a convolution with softmax is a probability over the filters', () => {
  const op: ConvOp = {
    kind: 'conv',
    ...names,
    size: 1,
    stride: 1,
    dilation: 1,
    padBefore: 0,
    groups: 1,
    kernel: Float32Array.of(0, Math.log(3)),
    bias: null,
    historyOffset: 0,
    countOffset: 0,
    activation: { kind: 'softmax' },
  };
  assertNear(runOps([op], [1, 2], 1, [[0], [1]]), [
    [0.5, 0.5],
    [0.25, 0.75],
  ]);
});

test('a skip passes on all but the first', () => {
  const samples = drawRows(new Draw(3), 6, 2);
  for (const count of [0, 1, 4]) {
    const rows = runOps([{ kind: 'skip', ...names, count, countOffset: 0 }], [2, 2], 1, samples);
    assertNear(
      rows,
      samples.map((row, n) => (n < count ? null : row)),
    );
  }
});
