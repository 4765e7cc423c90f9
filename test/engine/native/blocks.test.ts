import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import type { StepProgram } from '#src/engine/program/program.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programFor } from '../../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

const samples = 150;
const programs: readonly StepProgram[] = [
  programFor('continuous'),
  programFor('sequence', { window: 7 }),
  programFor('sliding', { window: 7 }),
  programFor('sliding', { window: 7, stride: 3 }),
  programFor('sliding', { window: 7, stride: 9 }),
];

const input = randomFloats(3 * samples, 3, 5);
input[3 * 40] = Number.NaN;

/** Steps all samples in blocks of the sizes given, over and over; after each block `between` may replace the state and ask for a new engine. */
function run(
  program: StepProgram,
  target: string,
  sizes: readonly number[],
  between: (state: Float32Array) => { state: Float32Array; fresh: boolean } = (state) => ({
    state,
    fresh: false,
  }),
): { state: Uint8Array; output: Uint8Array; flags: Uint8Array } {
  let engine = createNativeEngine(program, { target });
  let state: Float32Array = new Float32Array(program.stateSize);
  const output = new Float32Array(samples * program.outputSize);
  const flags = new Uint8Array(samples);
  for (let at = 0, block = 0; at < samples; block += 1) {
    const count = Math.min(sizes[block % sizes.length] ?? 1, samples - at);
    const step = engine.bind({
      state,
      input: input.subarray(3 * at),
      output: output.subarray(at * program.outputSize),
      flags: flags.subarray(at),
    });
    step(count);
    at += count;
    const next = between(state);
    state = next.state;
    if (next.fresh) {
      engine = createNativeEngine(program, { target });
    }
  }
  return { state: bytes(state), output: bytes(output), flags };
}

/** The bytes of floats, to compare bits: deepEqual takes any NaN for any other. */
function bytes(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.slice().buffer);
}

for (const target of loadAddon().simdTargets()) {
  for (const program of programs) {
    const name = `${target}, ${program.mode} with stride ${program.stride}`;
    test(`${name}: blocks of any sizes give the same bits`, () => {
      const whole = run(program, target, [samples]);
      for (const sizes of [[1], [2], [64], [1, 5, 17, 3]]) {
        assert.deepEqual(run(program, target, sizes), whole, `blocks of ${sizes.join(', ')}`);
      }
    });

    test(`${name}: a state saved and restored goes on with the same bits`, () => {
      const saved = run(program, target, [4, 9], (state) => {
        const copy = new Float32Array(bytes(state).buffer);
        state.fill(Number.NaN);
        return { state: copy, fresh: true };
      });
      assert.deepEqual(saved, run(program, target, [samples]));
    });
  }
}
