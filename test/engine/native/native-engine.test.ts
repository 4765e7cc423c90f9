import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { StepFlag, type Engine } from '#src/engine/program/engine.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { LstmdError } from '#src/base/errors.js';
import { stepAll } from '../../support/engine-run.js';
import { denseProgram, planOf, programFor } from '../../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

const { output: gave, warm, refused, reset } = StepFlag;
const targets = loadAddon().simdTargets();

test('scalar is always among the targets, and last', () => {
  assert.equal(targets.at(-1), 'scalar');
});

for (const target of targets) {
  test(`${target}: a dense layer gives act(x W + b)`, () => {
    const program = denseProgram();
    const engine = createNativeEngine(program, { target });
    assert.deepEqual([engine.name, engine.target], ['native', target]);
    const [op] = program.plan.ops;
    assert.ok(op?.kind === 'dense' && op.bias !== null);
    const { kernel, bias } = op;
    const input = Float32Array.of(0.5, -1, 2);
    const { output, flags } = stepAll(engine, program, input);
    for (const [unit, value] of output.entries()) {
      const z = input.reduce((sum, x, k) => sum + x * (kernel[2 * k + unit] ?? Number.NaN), 0);
      const expected = 1 / (1 + Math.exp(-z - (bias[unit] ?? Number.NaN)));
      assert.ok(Math.abs(value - expected) < 1e-6, `${value}, not ${expected}`);
    }
    assert.deepEqual([...flags], [gave | warm]);
  });
}

test('a sample with NaN or Inf is refused, and the state is as it was', () => {
  const program = programFor('continuous');
  const engine = createNativeEngine(program);
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    const input = randomFloats(9, 1, 1);
    input[4] = bad;
    const { output, flags, state } = stepAll(engine, program, input);
    assert.deepEqual([...flags], [gave | warm, refused, gave | warm]);
    assert.deepEqual([...output.subarray(2, 4)], [0, 0]);
    const without = stepAll(
      engine,
      program,
      Float32Array.of(...input.subarray(0, 3), ...input.subarray(6)),
    );
    assert.deepEqual(state, without.state);
    assert.deepEqual(output.subarray(4), without.output.subarray(2));
  }
});

test('a state that explodes is reset to zeros, without an output', () => {
  const program = unboundedCell();
  const engine = createNativeEngine(program);
  const { flags, output, state } = stepAll(engine, program, new Float32Array(3).fill(2 ** 12));
  // c grows by (2^12)^2 a step, so the second step takes it beyond stateLimit, 2^24.
  assert.deepEqual([...flags], [gave | warm, reset, gave | warm]);
  assert.deepEqual([...output], [2 ** 36, 0, 2 ** 36]);
  assert.deepEqual([...state], [1, 0, 2 ** 12, 2 ** 24]);
});

test('the limit of a state is exact in each of its places, whatever the vectors', () => {
  const beyond = 2 ** 24 + 2;
  const kept = [2 ** 24, -(2 ** 24), 2 ** 12, 2 ** 12 + 1, 1e-40];
  const lost = [beyond, -beyond, 2 ** 65, -3e38];
  for (const target of targets) {
    for (let size = 1; size <= 50; size += 1) {
      const program = copyingCell(size);
      const step = stepperOf(createNativeEngine(program, { target }), program);
      for (let place = 0; place < size; place += 1) {
        const at = `${target}, ${place} of ${size}`;
        for (const value of kept) {
          assert.equal(step(place, value), gave | warm, `${value}, ${at}`);
        }
        for (const value of lost) {
          assert.equal(step(place, value), reset, `${value}, ${at}`);
        }
      }
    }
  }
});

/** A SimpleRNN whose state is the sample. */
function copyingCell(size: number): StepProgram {
  const kernel = new Float32Array(size * size);
  for (let unit = 0; unit < size; unit += 1) {
    kernel[unit * size + unit] = 1;
  }
  const plan = planOf(
    [
      {
        kind: 'simpleRnn',
        layer: 'copy',
        input: 0,
        output: 1,
        units: size,
        mask: null,
        hOffset: 0,
        kernel,
        recurrentKernel: new Float32Array(size * size),
        bias: new Float32Array(size),
        activation: { kind: 'linear' },
      },
    ],
    [size, size],
    size,
  );
  return programOf(plan, { mode: 'continuous' });
}

/** Steps a sample that is zeros but for one value; returns its flags. */
function stepperOf(engine: Engine, program: StepProgram): (place: number, value: number) => number {
  const arrays = createStepArrays(program, 1);
  const step = engine.bind(arrays);
  return (place, value) => {
    arrays.input.fill(0);
    arrays.input[place] = value;
    step(1);
    return arrays.flags[0] ?? 0;
  };
}

/** An LSTM with relu everywhere, whose cell only ever grows. */
function unboundedCell(): StepProgram {
  const relu = { kind: 'relu', negativeSlope: 0, threshold: 0, maxValue: Infinity } as const;
  const plan = planOf(
    [
      {
        kind: 'lstm',
        layer: 'cell',
        input: 0,
        output: 1,
        units: 1,
        mask: null,
        hOffset: 0,
        cOffset: 1,
        kernel: Float32Array.of(1, 0, 1, 0),
        recurrentKernel: new Float32Array(4),
        bias: Float32Array.of(0, 1, 0, 2 ** -12),
        activation: relu,
        recurrentActivation: relu,
      },
      {
        kind: 'dense',
        layer: 'scale',
        input: 1,
        output: 2,
        kernel: Float32Array.of(2 ** 24),
        bias: null,
        activation: { kind: 'linear' },
      },
    ],
    [1, 1, 1],
    2,
  );
  return { ...programFor('continuous'), plan, stateSize: 4, outputSize: 1 };
}

test('a state that no step has left is refused', () => {
  const program = programFor('sequence', { window: 7 });
  const engine = createNativeEngine(program);
  for (const header of [
    [-1, 0],
    [0.5, 0],
    [Number.NaN, 0],
    [0, 7],
    [2 ** 24, 0],
  ]) {
    const arrays = createStepArrays(program, 1);
    const step = engine.bind(arrays);
    arrays.state.set(header);
    const message = `the state begins with seen ${header[0]} and phase ${header[1]}, which no step of this program leaves`;
    assert.throws(() => step(1), { code: 'engine.argument', message });
  }
});

test('a program that the kernel refuses names the layer', () => {
  const program = programFor('sequence', { window: 7 });
  const [, , second] = program.plan.ops;
  assert.ok(second?.kind === 'lstm');
  second.kernel[3] = Number.NaN;
  assert.throws(() => createNativeEngine(program), {
    code: 'engine.argument',
    message: /: layer second: operation 2 has a weight in its kernel that is not a finite number$/,
  });
});

test('a state size that the kernel counts otherwise is refused', () => {
  const program = { ...programFor('continuous'), stateSize: 99 };
  assert.throws(() => createNativeEngine(program), { code: 'engine.argument', message: /99/ });
});

test('LSTMD_SIMD forces a target, an unknown one is refused with those there are', () => {
  const saved = process.env['LSTMD_SIMD'];
  try {
    process.env['LSTMD_SIMD'] = 'scalar';
    assert.equal(createNativeEngine(denseProgram()).target, 'scalar');
    process.env['LSTMD_SIMD'] = 'mmx';
    assert.throws(
      () => createNativeEngine(denseProgram()),
      (error) =>
        error instanceof LstmdError &&
        error.code === 'config.invalid' &&
        error.message.includes(`LSTMD_SIMD: "mmx" is no SIMD target`) &&
        error.message.includes(targets.join(', ')),
    );
  } finally {
    if (saved === undefined) {
      delete process.env['LSTMD_SIMD'];
    } else {
      process.env['LSTMD_SIMD'] = saved;
    }
  }
});
