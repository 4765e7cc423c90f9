import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from '#src/model/plan/stream-plan.js';
import {
  model,
  node,
  tensor,
  valueInfo,
  wholes,
  withGraph,
  withInt,
  withInts,
  type Written,
} from '../../files/onnx/onnx-writer.js';
import { lastRow, loadBytes } from './load-bytes.js';

const steps = 8;

/** A Loop over the steps of x (8, 1, 3), whose body gives `on` and `after` from `turn` and `before`. */
function loop({
  body,
  around = [],
  source = 'x',
  turns = steps,
}: {
  readonly body: readonly Written[];
  readonly around?: readonly Written[];
  readonly source?: string;
  readonly turns?: number;
}): Uint8Array {
  const looped = withGraph(
    node('Loop', ['W', '', 'R'], ['y']),
    'body',
    [node('Gather', [source, 'turn'], ['step']), ...body],
    ['on', 'after'],
    ['turn', 'on_before', 'before'],
  );
  return model({
    w: wholes('W', [], [turns]),
    r: tensor('R', [1, 3], [0, 0, 0]),
    tensors: [tensor('bound', [], [3])],
    inputs: [valueInfo('x', [turns, 1, 3])],
    outputs: [valueInfo('y', [1, 3])],
    nodes: [...around, looped],
  });
}

const goOn = node('Identity', ['on_before'], ['on']);
const summed = node('Add', ['step', 'before'], ['after']);

const samples = Array.from({ length: steps }, (_, n) => [Math.sin(n), Math.cos(n), 0.1 * n]);

/** Returns what a loop over the samples gives last. */
async function given(bytes: Uint8Array, mode: Mode): Promise<number[]> {
  return lastRow(await loadBytes(bytes), samples, mode);
}

function assertNear(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  for (const [i, one] of found.entries()) {
    assert.ok(
      Math.abs(one - (expected[i] ?? Number.NaN)) < 1e-5,
      `${found.join(' ')} and ${expected.join(' ')}`,
    );
  }
}

/** A decaying sum of rows, which is another one in another order. */
function decaying(rows: readonly (readonly number[])[]): number[] {
  return rows.reduce<number[]>(
    (sum, row) => row.map((one, i) => one + ((sum[i] ?? 0) + one) / 3),
    [0, 0, 0],
  );
}

test('a loop whose end hangs on the samples is refused, also with a number of turns', () =>
  assert.rejects(
    loadBytes(
      loop({
        body: [
          summed,
          withInt(node('ReduceMax', ['after'], ['most']), 'keepdims', 0),
          node('Less', ['most', 'bound'], ['on']),
        ],
      }),
    ),
    { code: 'model.refused', message: /node "loop" \(Loop\): its condition hangs on the samples/ },
  ));

/** The mean of x over its steps. */
const mean = withInt(withInts(node('ReduceMean', ['x'], ['mean']), 'axes', [0]), 'keepdims', 0);

test('a loop that takes the mean of the window at each step is exact in the whole window alone', async () => {
  const { modes } = await loadBytes(
    loop({
      around: [mean],
      body: [
        goOn,
        node('Sub', ['step', 'before'], ['less']),
        node('Mul', ['less', 'mean'], ['after']),
      ],
    }),
  );
  assert.deepEqual(
    [modes.continuous.exact, modes.sequence.exact, modes.sliding.exact],
    [false, false, true],
  );
});

test('a loop takes the steps of what is computed in its body and is the same at each turn', async () => {
  const body = [
    node('Neg', ['x'], ['turned']),
    goOn,
    node('Add', ['step', 'before'], ['sum']),
    node('Div', ['sum', 'bound'], ['part']),
    node('Add', ['step', 'part'], ['after']),
  ];
  const rows = samples.map((row) => row.map((one) => -one));
  for (const mode of ['continuous', 'sliding'] as const) {
    assertNear(await given(loop({ body, source: 'turned' }), mode), decaying(rows));
  }
});

test('a loop takes the steps of two values of its body that are made of one', async () => {
  const body = [
    node('Neg', ['x'], ['turned']),
    node('Abs', ['turned'], ['sizes']),
    node('Gather', ['sizes', 'turn'], ['size']),
    goOn,
    node('Add', ['step', 'size'], ['both']),
    node('Add', ['both', 'before'], ['after']),
  ];
  const sums = samples.reduce<number[]>(
    (sum, row) => row.map((one, i) => (sum[i] ?? 0) + Math.abs(one) - one),
    [0, 0, 0],
  );
  assertNear(await given(loop({ body, source: 'turned' }), 'sliding'), sums);
});

test('the nodes of a loop over a whole window are counted at each turn', () => {
  const others = Array.from({ length: 100 }, (_, i) => node('Identity', [`v${i}`], [`v${i + 1}`]));
  const body = [
    goOn,
    node('Sub', ['mean', 'before'], ['v0']),
    ...others,
    node('Add', ['step', 'v100'], ['after']),
  ];
  const bytes = loop({ around: [mean], body, turns: 1000 });
  return assert.rejects(loadBytes(bytes, { inputAxes: ['time', 'batch', 'features'] }), {
    code: 'model.refused',
    message: /its graph has more than 100000 nodes, with those of each turn of its loops/,
  });
});
