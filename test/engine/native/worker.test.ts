import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { stepAll } from '../../support/engine-run.js';
import { programFor } from '../../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';

const program = programFor('sliding', { window: 7, stride: 3 });

function outputs(): Float32Array {
  return stepAll(createNativeEngine(program), program, randomFloats(3 * 60, 3, 9)).output;
}

if (isMainThread) {
  test('several threads step at once, and outlive each other', async () => {
    const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url)));
    const answers = await Promise.all(workers.map(async (worker) => once(worker, 'message')));
    for (const [answer] of answers) {
      assert.deepEqual(answer, outputs());
    }
    // The workers are still stepping, so each environment is torn down under living programs.
    await Promise.all(workers.map(async (worker) => worker.terminate()));
    assert.deepEqual(answers[0]?.[0], outputs());
  });
} else {
  parentPort?.postMessage(outputs(), []);
  const engine = createNativeEngine(program);
  for (;;) {
    const step = engine.bind(createStepArrays(program, 1));
    for (let call = 0; call < 3; call += 1) {
      step(1);
    }
  }
}
