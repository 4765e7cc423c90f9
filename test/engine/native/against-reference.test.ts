import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import type { Activation } from '#src/model/plan/stream-plan.js';
import { stepAll } from '../../support/engine-run.js';
import { activations, denseProgram, programFor } from '../../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

const samples = 4000;
const targets = loadAddon().simdTargets();

/** The largest difference between two runs of numbers. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

/**
 * How much a difference in the argument of a function grows, from the value there: without bound beside a pole
 * or a root's beginning, where the sums of a Dense in float32 and in float64 give other values.
 */
function slopeAt({ kind }: Activation, value: number): number {
  switch (kind) {
    case 'reciprocal': {
      return value * value;
    }
    case 'log':
    case 'log1p': {
      return Math.exp(-value);
    }
    case 'squareRoot':
    case 'power': {
      return 1 / value;
    }
    default: {
      return 1;
    }
  }
}

for (const target of targets) {
  for (const program of [
    programFor('continuous'),
    programFor('sequence', { window: 13 }),
    programFor('sliding', { window: 13 }),
    programFor('sliding', { window: 13, stride: 5 }),
    programFor('sliding', { window: 13, stride: 20 }),
  ]) {
    test(`${target} in ${program.mode} with stride ${program.stride} gives what the reference gives`, () => {
      const input = randomFloats(3 * samples, 3, 11);
      for (const at of [100, 101, 7000]) {
        input[at] = Infinity;
      }
      const native = stepAll(createNativeEngine(program, { target }), program, input);
      const reference = stepAll(createReferenceEngine(program), program, input);
      assert.deepEqual(native.flags, reference.flags);
      assert.deepEqual(native.state.subarray(0, 2), reference.state.subarray(0, 2));
      assert.ok(distance(native.output, reference.output) < 2e-6);
      assert.ok(distance(native.state, reference.state) < 1e-5);
    });
  }

  test(`${target} resumes a state that the reference left`, () => {
    const program = programFor('sliding', { window: 13, stride: 5 });
    const input = randomFloats(3 * samples, 3, 12);
    const [first, second] = [input.subarray(0, 3 * 997), input.subarray(3 * 997)];
    const engine = createNativeEngine(program, { target });
    const whole = stepAll(engine, program, input);
    const { state } = stepAll(createReferenceEngine(program), program, first);
    const rest = samples - 997;
    const resumed = createStepArrays(program, rest, { state });
    resumed.input.set(second);
    engine.bind(resumed)(rest);
    assert.ok(distance(resumed.output, whole.output.subarray(997 * program.outputSize)) < 2e-6);
  });

  test(`${target} has every activation that the reference has`, () => {
    const other: Activation = { kind: 'relu', negativeSlope: 0.1, threshold: 0.5, maxValue: 1.5 };
    for (const activation of [...activations, other]) {
      const program = denseProgram(activation);
      const input = randomFloats(3 * 200, 1.5, 13);
      const native = stepAll(createNativeEngine(program, { target }), program, input);
      const reference = stepAll(createReferenceEngine(program), program, input);
      native.output.forEach((value, i) => {
        const wanted = reference.output[i] ?? 0;
        const most = 5e-6 * Math.max(1, slopeAt(activation, wanted));
        assert.ok(
          Object.is(value, wanted) || Math.abs(value - wanted) < most,
          `${activation.kind}: ${value} and not ${wanted}`,
        );
      });
    }
  });
}

test('both engines reset a state in the same place', () => {
  const program = programFor('sliding', { window: 13, stride: 5 });
  const runs = [createNativeEngine(program), createReferenceEngine(program)].map((engine) => {
    const arrays = createStepArrays(program, 20);
    const { state, input, flags } = arrays;
    state[20] = Number.NaN;
    input.set(randomFloats(60, 1, 14));
    engine.bind(arrays)(20);
    return { flags, header: state.subarray(0, 2) };
  });
  assert.deepEqual(runs[0], runs[1]);
});
