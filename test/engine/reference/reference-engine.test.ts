import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StepFlag } from '#src/engine/program/engine.js';
import { programOf, stateHeaderSize, type StepProgram } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { seenLimit, type StepOp, type StreamPlan } from '#src/model/plan/stream-plan.js';
import { runEngine, type EngineRun } from '../../support/engine-run.js';
import { denseProgram, planOf, programFor } from '../../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

const { output: gave, warm, refused, reset } = StepFlag;
const window = 7;
const samples = 60;
const input = randomFloats(3 * samples, 2, 11);

function run(
  program: StepProgram,
  values: Float32Array,
  blocks?: readonly number[],
  state?: Float32Array,
): EngineRun {
  return runEngine(createReferenceEngine(program), program, values, blocks, state);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** One column of x W. */
function product(
  x: readonly number[],
  kernel: Float32Array,
  width: number,
  column: number,
): number {
  return x.reduce((sum, value, row) => sum + value * (kernel[row * width + column] ?? 0), 0);
}

/** Keras' equations for the seed architecture, written out once more and without a state array. */
function predict(plan: StreamPlan, values: Float32Array): number[] {
  const [first, , second, , head] = plan.ops;
  assert.ok(first?.kind === 'lstm' && second?.kind === 'lstm' && head?.kind === 'timeDense');
  const layer = (op: typeof first, sequence: readonly (readonly number[])[]) => {
    const { units: u, kernel, recurrentKernel, bias } = op;
    let h: number[] = Array.from({ length: u }, () => 0);
    let c = h;
    return sequence.map((x) => {
      const z = Array.from(
        { length: 4 * u },
        (_, i) =>
          product(x, kernel, 4 * u, i) + product(h, recurrentKernel, 4 * u, i) + (bias?.[i] ?? 0),
      );
      c = c.map(
        (old, i) =>
          sigmoid(z[u + i] ?? 0) * old + sigmoid(z[i] ?? 0) * Math.tanh(z[2 * u + i] ?? 0),
      );
      h = c.map((cell, i) => sigmoid(z[3 * u + i] ?? 0) * Math.tanh(cell));
      return h.map((value) => (value < 0 ? 0.3 * value : value));
    });
  };
  const steps = Array.from({ length: values.length / 3 }, (_, t) => [
    ...values.subarray(3 * t, 3 * t + 3),
  ]);
  const flat = layer(second, layer(first, steps)).flat();
  const width = plan.valueSizes[head.output] ?? 0;
  return Array.from({ length: width }, (_, i) =>
    sigmoid(product(flat, head.kernel, width, i) + (head.bias?.[i] ?? 0)),
  );
}

function near(actual: readonly number[] | null | undefined, expected: readonly number[]): void {
  assert.ok(actual !== null && actual !== undefined);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs((actual[i] ?? Number.NaN) - value) < 1e-6, `${actual[i]}, not ${value}`);
  }
}

test('sequence: the last step of each window, and only that, is warm and is the whole window', () => {
  const program = programFor('sequence', { window });
  const { rows, flags } = run(program, input);
  for (const [n, row] of rows.entries()) {
    const age = n % window;
    assert.equal(flags[n], age === window - 1 ? gave | warm : gave);
    // Steps still to come count as zeros, so the output is that of the window so far.
    near(row, predict(program.plan, input.subarray(3 * (n - age), 3 * (n + 1))));
  }
});

for (const stride of [1, 3, 7, 9]) {
  test(`sliding with stride ${stride}: every window from the first full one`, () => {
    const program = programFor('sliding', { window, stride });
    const { rows, flags } = run(program, input);
    for (const [n, row] of rows.entries()) {
      const start = n - window + 1;
      const due = start >= 0 && start % stride === 0;
      assert.equal(flags[n], due ? gave | warm : 0, `sample ${n}`);
      if (due) {
        near(row, predict(program.plan, input.subarray(3 * start, 3 * (n + 1))));
      }
    }
  });
}

const programs: readonly StepProgram[] = [
  programFor('continuous'),
  programFor('sequence', { window }),
  programFor('sliding', { window, stride: 3 }),
];

for (const program of programs) {
  test(`${program.mode}: blocks of any sizes, and a state saved and restored, give the same bits`, () => {
    const whole = run(program, input);
    for (const blocks of [[1], [2, 5], [17, 1, 3]]) {
      assert.deepEqual(run(program, input, blocks), whole);
    }
    const half = run(program, input.subarray(0, 3 * 25));
    const rest = run(program, input.subarray(3 * 25), [4], half.state.slice());
    assert.deepEqual([...half.rows, ...rest.rows], whole.rows);
    assert.deepEqual(rest.state, whole.state);
  });
}

test('continuous: warm from warmupSamples after the reset', () => {
  const { flags } = run({ ...programFor('continuous'), warmupSamples: 3 }, input.subarray(0, 15));
  assert.deepEqual(flags, [gave, gave, gave | warm, gave | warm, gave | warm]);
});

for (const program of programs) {
  test(`${program.mode}: a sample with NaN or Inf is refused and leaves no trace`, () => {
    const spoilt = new Float32Array(input.length + 6);
    spoilt.set(input.subarray(0, 30));
    spoilt.set([1, Number.NaN, 1, -Infinity, 0, 0], 30);
    spoilt.set(input.subarray(30), 36);
    const clean = run(program, input);
    const { rows, flags, state } = run(program, spoilt);
    assert.deepEqual(flags.slice(10, 12), [refused, refused]);
    assert.deepEqual(flags.toSpliced(10, 2), clean.flags);
    assert.deepEqual(rows.toSpliced(10, 2), clean.rows);
    assert.deepEqual(state, clean.state);
  });
}

test('a state that explodes is reset to zeros, and said', () => {
  const identity = { kind: 'linear' } as const;
  const ops = [
    {
      kind: 'lstm',
      layer: 'cell',
      input: 0,
      output: 1,
      units: 1,
      mask: null,
      // i = f = o = 1, g = x: c and h are the sum of all inputs.
      kernel: Float32Array.of(0, 0, 1, 0),
      recurrentKernel: new Float32Array(4),
      bias: Float32Array.of(1, 1, 0, 1),
      activation: identity,
      recurrentActivation: identity,
      hOffset: 0,
      cOffset: 1,
    },
  ] as const;
  const plan = planOf(ops, [1, 1], 2);
  const stateSize = stateHeaderSize + 2;
  const program = { ...denseProgram(), plan, stateSize, outputSize: 1, warmupSamples: 2 };
  const { rows, flags, state } = run(program, Float32Array.of(2 ** 24, 2, 5, 3e38, 3e38, 1));
  assert.deepEqual(flags, [gave, reset, gave, reset, reset, gave]);
  assert.deepEqual(rows, [[2 ** 24], null, [5], null, null, [1]]);
  assert.deepEqual([...state], [1, 0, 1, 1]);
});

/** A program that gives every third input, and holds it for a window's last step. */
function thinnedProgram(mode: 'continuous' | 'sequence' | 'sliding', steps: number): StepProgram {
  const thin: StepOp = {
    kind: 'conv',
    layer: 'thin',
    input: 0,
    output: 1,
    bias: null,
    groups: 1,
    size: 1,
    stride: 3,
    dilation: 1,
    padBefore: 0,
    historyOffset: 0,
    countOffset: 0,
    kernel: Float32Array.of(1),
    activation: { kind: 'linear' },
  };
  const plan = planOf([thin], [1, 1], 3, steps);
  const outputs = plan.outputs.map((held) => ({ ...held, heldOffset: 1, holdsOffset: 2 }));
  return programOf({ ...plan, outputs }, { mode });
}

test('an output that is not fresh is held, and given at the last step of a window', () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  const rowsOf = (program: StepProgram) => run(program, values).rows.map((row) => row?.[0] ?? null);
  const none = null;
  assert.deepEqual(rowsOf(thinnedProgram('continuous', 5)), [
    1,
    none,
    none,
    4,
    none,
    none,
    7,
    none,
    none,
    10,
  ]);
  const sequence = thinnedProgram('sequence', 5);
  assert.deepEqual(rowsOf(sequence), [1, none, none, 4, 4, 6, none, none, 9, 9]);
  assert.deepEqual(
    run(sequence, values).flags.map((flag) => (flag & warm) !== 0),
    [false, false, false, false, true, false, false, false, false, true],
  );
  const sliding = thinnedProgram('sliding', 5);
  assert.deepEqual(rowsOf(sliding), [none, none, none, none, 4, 5, 6, 7, 8, 9]);
});

test('a row that is not finite resets, as an exploded state does', () => {
  const program = denseProgram({ kind: 'exponential' });
  const { flags, state } = run(program, Float32Array.of(0, 0, 0, 3e38, 3e38, 3e38, 0, 0, 0));
  const dense = program.plan.ops[0];
  assert.ok(dense?.kind === 'dense');
  assert.equal(flags[0], gave | warm);
  assert.equal(flags[1], reset, 'some column of the weights has a positive sum');
  assert.equal(state[0], 1);
});

test('seen stops where float32 stops counting', () => {
  const program = programFor('continuous');
  const state = new Float32Array(program.stateSize);
  state[0] = seenLimit;
  run(program, input.subarray(0, 6), [1], state);
  assert.equal(state[0], seenLimit);
});
