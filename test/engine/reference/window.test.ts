import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StepFlag } from '#src/engine/program/engine.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import type { StepOp } from '#src/model/plan/step-op.js';
import type { WindowOp, WindowPlan, WindowValue } from '#src/model/plan/window-plan.js';
import { Draw } from '../../support/draw.js';
import { runEngine } from '../../support/engine-run.js';
import { planOf } from '../../support/native-plan.js';

const { output: gave, warm, reset } = StepFlag;

/** A recurrent operation that sums the steps so far: `h' = x + h`. */
const running: StepOp = {
  kind: 'simpleRnn',
  layer: 'sum',
  input: 0,
  output: 1,
  units: 1,
  mask: null,
  hOffset: 0,
  kernel: Float32Array.of(1),
  recurrentKernel: Float32Array.of(1),
  bias: null,
  activation: { kind: 'linear' },
};

function programFor(
  ops: readonly WindowOp[],
  values: readonly WindowValue[],
  stride = 1,
  scratchSize = 1,
): StepProgram {
  const [samples] = values;
  const last = values.length - 1;
  assert.ok(samples !== undefined);
  const windowPlan: WindowPlan = { values, ops, outputs: [last], scratchSize };
  const plan = {
    ...planOf([], [samples.size, values[last]?.size ?? 0], 0, samples.steps),
    windowPlan,
  };
  return programOf(plan, { mode: 'sliding', stride });
}

function run(program: StepProgram, samples: readonly number[], blocks?: readonly number[]) {
  return runEngine(createReferenceEngine(program), program, Float32Array.from(samples), blocks);
}

/** Flattens the last value, so that the test sees all of its steps. */
function whole(
  ops: readonly WindowOp[],
  values: readonly WindowValue[],
  samples: readonly number[],
) {
  const last = values[values.length - 1];
  assert.ok(last !== undefined);
  const flat = { steps: 1, size: last.steps * last.size };
  const flatten: WindowOp = {
    kind: 'reshape',
    layer: 'flat',
    input: values.length - 1,
    output: values.length,
  };
  return run(programFor([...ops, flatten], [...values, flat]), samples).rows.at(-1);
}

const names = { layer: 'op', input: 0, output: 1 };
const four = { steps: 4, size: 1 };

const scan = (reverse: boolean, steps: number) =>
  whole([{ kind: 'scan', op: running, reverse }], [four, { steps, size: 1 }], [1, 2, 3, 4]);

test('a scan, forward and back, with all outputs in the order of time', () => {
  assert.deepEqual(scan(false, 4), [1, 3, 6, 10]);
  assert.deepEqual(scan(true, 4), [10, 9, 7, 4]);
  assert.deepEqual(scan(false, 1), [10]);
  assert.deepEqual(scan(true, 1), [10]);
  assert.deepEqual(scan(false, 3), [3, 6, 10]);
  assert.deepEqual(scan(true, 3), [10, 9, 7]);
});

test('a scan begins from zeros in each window, whatever ran in its scratch before', () => {
  const ops: WindowOp[] = [
    { kind: 'scan', op: running, reverse: false },
    { kind: 'scan', op: { ...running, input: 1, output: 2 }, reverse: false },
  ];
  const program = programFor(ops, [four, four, { steps: 1, size: 1 }]);
  assert.deepEqual(run(program, [1, 1, 1, 1, 1, 1]).rows.slice(3), [[10], [10], [10]]);
});

test('pad, crop, repeat, reshape and transpose', () => {
  const two = { steps: 2, size: 2 };
  const samples = [1, 2, 3, 4];
  const pad: WindowOp = { kind: 'pad', ...names, before: 1, after: 2, value: -5 };
  assert.deepEqual(
    whole([pad], [two, { steps: 5, size: 2 }], samples),
    [-5, -5, 1, 2, 3, 4, -5, -5, -5, -5],
  );
  const crop: WindowOp = { kind: 'crop', ...names, before: 1 };
  assert.deepEqual(whole([crop], [four, { steps: 2, size: 1 }], samples), [2, 3]);
  const repeat: WindowOp = { kind: 'repeat', ...names };
  assert.deepEqual(
    whole(
      [repeat],
      [
        { steps: 1, size: 2 },
        { steps: 3, size: 2 },
      ],
      [1, 2],
    ),
    [1, 2, 1, 2, 1, 2],
  );
  const reshape: WindowOp = { kind: 'reshape', ...names };
  assert.deepEqual(whole([reshape], [four, two], samples), samples);
  const transpose: WindowOp = { kind: 'transpose', ...names };
  const six = [1, 2, 3, 4, 5, 6];
  assert.deepEqual(
    whole(
      [transpose],
      [
        { steps: 3, size: 2 },
        { steps: 2, size: 3 },
      ],
      six,
    ),
    [1, 3, 5, 2, 4, 6],
  );
});

test('a bidirectional sum: both directions joined step by step', () => {
  const ops: WindowOp[] = [
    { kind: 'scan', op: running, reverse: false },
    { kind: 'scan', op: { ...running, output: 2 }, reverse: true },
    {
      kind: 'scan',
      op: { kind: 'concatenate', layer: 'both', input: 1, inputs: [1, 2], output: 3 },
      reverse: false,
    },
  ];
  const values = [four, four, four, { steps: 4, size: 2 }];
  assert.deepEqual(whole(ops, values, [1, 2, 3, 4]), [1, 10, 3, 9, 6, 7, 10, 4]);
});

test('masks go with the steps, back as well; a window that is all masked has no output', () => {
  const values = [four, four, four, { steps: 1, size: 1 }];
  const mask: StepOp = { kind: 'mask', ...names, mask: 2, maskValue: 0 };
  const pooled: StepOp = {
    kind: 'globalPool',
    layer: 'mean',
    input: 1,
    output: 3,
    operation: 'average',
    mask: 2,
    accOffset: 0,
    countOffset: 1,
  };
  const ops: WindowOp[] = [
    { kind: 'scan', op: mask, reverse: false },
    { kind: 'scan', op: pooled, reverse: true },
  ];
  const { rows, flags } = run(programFor(ops, values, 1, 2), [0, 0, 0, 0, 6, 2, 0, 0, 0, 0, 1]);
  const expected = [null, null, null, null, [6], [4], [4], [4], [2], null, [1]];
  assert.deepEqual(rows, expected);
  assert.deepEqual(
    flags,
    expected.map((row) => (row === null ? 0 : gave | warm)),
  );
});

for (const stride of [1, 2, 3, 7]) {
  test(`stride ${stride}: a window at every so many samples; blocks and restarts change no bit`, () => {
    const program = programFor(
      [{ kind: 'scan', op: running, reverse: true }],
      [four, { steps: 1, size: 1 }],
      stride,
    );
    const samples = [...new Draw(1).floats(40, 1)];
    const all = run(program, samples);
    for (const [n, row] of all.rows.entries()) {
      assert.equal(row !== null, n >= 3 && (n - 3) % stride === 0, `sample ${n}`);
    }
    assert.deepEqual(run(program, samples, [1, 5]), all);
    const half = run(program, samples.slice(0, 13));
    const engine = createReferenceEngine(program);
    const rest = Float32Array.from(samples.slice(13));
    const { rows, state } = runEngine(engine, program, rest, [2], half.state.slice());
    assert.deepEqual([...half.rows, ...rows], all.rows);
    assert.deepEqual(state, all.state);
  });
}

test('samples of any magnitude stay; a row that is not finite resets', () => {
  const ops: WindowOp[] = [
    { kind: 'scan', op: running, reverse: false },
    {
      kind: 'scan',
      op: {
        kind: 'activation',
        layer: 'exp',
        input: 1,
        output: 2,
        activation: { kind: 'exponential' },
      },
      reverse: false,
    },
  ];
  const two = { steps: 2, size: 1 };
  const program = programFor(ops, [two, two, { steps: 1, size: 1 }]);
  const { flags, rows, state } = run(program, [1e30, -1e30, 50, 50, 0, 1]);
  assert.deepEqual(flags, [0, gave | warm, gave | warm, reset, 0, gave | warm]);
  assert.deepEqual(rows[1], [1]);
  assert.deepEqual([...state], [2, 0, 0, 1]);
});
