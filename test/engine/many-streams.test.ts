import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { StepFlag, type Engine } from '#src/engine/program/engine.js';
import { ManyStepper } from '#src/engine/many-stepper.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { programFor, randomFloats } from '../support/native-plan.js';

const streams = 30;
const steps = 20;
const programs: readonly StepProgram[] = [
  programFor('continuous'),
  programFor('sequence', { window: 7 }),
  programFor('sliding', { window: 7, stride: 3 }),
  programFor('sliding', { window: 7, stride: 9 }),
];

/** One sample of every stream, one of them refused. */
function sampleOfEach(step: number): Float32Array {
  const input = randomFloats(3 * streams, 3, step + 1);
  input[3 * (step % streams)] = Number.NaN;
  return input;
}

/** Steps all streams, and each alone beside them. */
function compare(program: StepProgram, engine: Engine): void {
  const together = new ManyStepper(engine, program, streams);
  const output = new Float32Array(program.outputSize);
  const flags = new Uint8Array(1);
  // Each stream in a phase of its own.
  for (let n = 0; n < streams; n += 1) {
    for (let step = 0; step < n % 8; step += 1) {
      engine.step(together.stateOf(n), randomFloats(3, 2, n + step), 1, output, flags);
    }
  }
  const alone = together.states.slice();
  for (let step = 0; step < steps; step += 1) {
    const input = sampleOfEach(step);
    const result = together.step(input);
    for (let n = 0; n < streams; n += 1) {
      const state = alone.subarray(n * program.stateSize, (n + 1) * program.stateSize);
      engine.step(state, input.subarray(3 * n, 3 * n + 3), 1, output, flags);
      assert.equal(result.flags[n], flags[0]);
      const row = result.output.subarray(n * program.outputSize, (n + 1) * program.outputSize);
      assert.deepEqual(bytes(row), bytes(output));
    }
    assert.deepEqual(bytes(together.states), bytes(alone));
  }
}

function bytes(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.slice().buffer);
}

for (const program of programs) {
  const name = `${program.mode} with stride ${program.stride}`;
  for (const target of loadAddon().simdTargets()) {
    test(`${target}, ${name}: many streams give the bits of each alone`, () => {
      compare(program, createNativeEngine(program, { target }));
    });
  }

  test(`reference, ${name}: many streams give the bits of each alone`, () => {
    compare(program, createReferenceEngine(program));
  });

  test(`${name}: native and reference agree over many streams`, () => {
    const native = new ManyStepper(createNativeEngine(program), program, streams);
    const reference = new ManyStepper(createReferenceEngine(program), program, streams);
    for (let step = 0; step < steps; step += 1) {
      const input = sampleOfEach(step);
      const found = native.step(input);
      const expected = reference.step(input);
      assert.deepEqual(found.flags, expected.flags);
      assert.ok(found.flags.includes(StepFlag.refused));
      for (const [index, value] of expected.output.entries()) {
        assert.ok(Math.abs((found.output[index] ?? Number.NaN) - value) < 1e-6);
      }
    }
  });
}

test('what does not fit many streams is refused by name, with nothing stepped', () => {
  const program = programs[0] ?? assert.fail();
  for (const engine of [createNativeEngine(program), createReferenceEngine(program)]) {
    const states = new Float32Array(2 * program.stateSize);
    const outputs = new Float32Array(2 * program.outputSize);
    const step = (held: Float32Array, input: number, count: number, flags: number): void => {
      engine.stepMany(held, new Float32Array(input), count, outputs, new Uint8Array(flags));
    };
    const short = states.subarray(1);
    const fault = { code: 'engine.argument' };
    assert.throws(
      () => {
        step(short, 6, 2, 2);
      },
      { ...fault, message: /^state has 67 values, the step needs 68$/ },
    );
    assert.throws(
      () => {
        step(states, 5, 2, 2);
      },
      { ...fault, message: /^input has 5/ },
    );
    assert.throws(
      () => {
        step(states, 6, 2, 1);
      },
      { ...fault, message: /^flags has 1/ },
    );
    assert.throws(
      () => {
        step(states, 6, -1, 2);
      },
      { ...fault, message: /^count must/ },
    );
    states[program.stateSize] = 0.5;
    assert.throws(() => {
      step(states, 6, 2, 2);
    }, fault);
    assert.equal(states[0], 0);
  }
});

test('streams are a number of streams that memory has room for', () => {
  const program = programs[0] ?? assert.fail();
  const engine = createReferenceEngine(program);
  for (const count of [0, -1, 0.5, Number.NaN, 2 ** 28]) {
    assert.throws(() => new ManyStepper(engine, program, count), { code: 'engine.argument' });
  }
  const stepper = new ManyStepper(engine, program, 2);
  assert.throws(() => stepper.step(new Float32Array(5)), {
    code: 'engine.argument',
    message: 'a sample of each of 2 streams has 6 values, not 5',
  });
});
