import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { createStepArrays } from '#src/engine/program/program.js';
import { programFor, randomFloats } from '../../support/native-plan.js';

const program = programFor('sliding', { window: 7, stride: 3 });

function outputs(): Float32Array {
  const engine = createNativeEngine(program);
  const output = new Float32Array(2 * 60);
  const state = new Float32Array(program.stateSize);
  engine.step(state, randomFloats(3 * 60, 3, 9), 60, output, new Uint8Array(60));
  return output;
}

if (isMainThread) {
  test('several threads step at once, and outlive each other', async () => {
    const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url)));
    const answers = await Promise.all(workers.map(async (worker) => once(worker, 'message')));
    for (const [answer] of answers) {
      assert.deepEqual(answer, outputs());
    }
    // Still stepping: the environment is torn down under living programs.
    await Promise.all(workers.map(async (worker) => worker.terminate()));
    assert.deepEqual(answers[0]?.[0], outputs());
  });
} else {
  parentPort?.postMessage(outputs(), []);
  const engine = createNativeEngine(program);
  const { state, input, output, flags } = createStepArrays(program, 1);
  for (;;) {
    engine.step(state, new Float32Array(3), 1, output, flags);
    // Come again, they are bound.
    for (let call = 0; call < 3; call += 1) {
      engine.step(state, input, 1, output, flags);
    }
  }
}
