import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { StepFlag, type Engine } from '#src/engine/program/engine.js';
import { ManyStepper } from '#src/engine/many-stepper.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { Stepper } from '#src/engine/stepper.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { programFor } from '../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

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

/** Steps all streams together, and beside that each of them alone, to the same bits. */
function compare(program: StepProgram, engine: Engine): void {
  const together = new ManyStepper(engine, program, streams);
  const alone = Array.from({ length: streams }, (_, n) => {
    const arrays = createStepArrays(program, 1);
    const step = engine.bind(arrays);
    // Each stream is in a phase of its own.
    for (let call = 0; call < n % 8; call += 1) {
      arrays.input.set(randomFloats(3, 2, n + call));
      step(1);
    }
    together.stateOf(n).set(arrays.state);
    return { arrays, step };
  });
  for (let call = 0; call < steps; call += 1) {
    const input = sampleOfEach(call);
    const result = together.step(input);
    for (const [n, { arrays, step }] of alone.entries()) {
      arrays.input.set(input.subarray(3 * n, 3 * n + 3));
      step(1);
      assert.equal(result.flags[n], arrays.flags[0]);
      const row = result.output.subarray(n * program.outputSize, (n + 1) * program.outputSize);
      assert.deepEqual(bytes(row), bytes(arrays.output));
      assert.deepEqual(bytes(together.stateOf(n)), bytes(arrays.state));
    }
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
  assert.throws(() => stepper.step(null as never), {
    code: 'engine.argument',
    message: 'a sample of each of 2 streams has 6 values, not null',
  });
});

test('a state is that of one of the streams, and has the floats of the program', () => {
  const program = programs[0] ?? assert.fail();
  const engine = createReferenceEngine(program);
  const together = new ManyStepper(engine, program, streams);
  assert.equal(together.stateOf(streams - 1).length, program.stateSize);
  for (const stream of [-1, streams, 0.5]) {
    assert.throws(() => together.stateOf(stream), { code: 'engine.argument' });
  }
  const stepper = new Stepper(engine, program);
  for (const floats of [0, program.stateSize - 1, program.stateSize + 1]) {
    assert.throws(() => stepper.restore(new Float32Array(floats), 1), { code: 'engine.argument' });
  }
  assert.equal(stepper.sampleCount, 0);
});
