import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { seedModel } from '#src/commands/bench/kernel/seed-model.js';
import type { Engine } from '#src/engine/program/engine.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadModel } from '#src/model/load-model.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import { MotionModel } from '#src/simulator/motion/motion.js';
import { isLong } from '../faults/long-run.js';
import { projectFile } from '../support/project.js';

// Errors of float32 must die out and not add up, however long a stream runs.

const samples = isLong ? 1_000_000 : 20_000;
const blockSamples = 1000;
const example = projectFile('examples/running/running.keras');

/** Steps accelerometer samples without a reset, and gives each target's largest difference from the reference. */
function drift(plan: StreamPlan): Map<string, number> {
  const program = programOf(plan, { mode: 'continuous' });
  const withArrays = (engine: Engine) => {
    const arrays = createStepArrays(program, blockSamples);
    return { engine, arrays, step: engine.bind(arrays) };
  };
  const reference = withArrays(createReferenceEngine(program));
  const engines = loadAddon()
    .simdTargets()
    .map((target) => withArrays(createNativeEngine(program, { target })));
  const motion = new MotionModel({ seed: 77, rateHz: 26 });
  const input = new Float32Array(3 * blockSamples);
  const most = new Map<string, number>();
  for (let at = 0; at < samples; at += blockSamples) {
    for (let n = 0; n < input.length; n += 3) {
      motion.next(input.subarray(n, n + 3));
    }
    for (let n = 0; n < input.length; n += 1) {
      input[n] = (input[n] ?? Number.NaN) * 0.001;
    }
    for (const { engine, arrays, step } of [reference, ...engines]) {
      arrays.input.set(input);
      step(blockSamples);
      const now = largestDifference(arrays.output, reference.arrays.output);
      most.set(engine.target, Math.max(most.get(engine.target) ?? 0, now));
    }
  }
  most.delete(reference.engine.target);
  return most;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    // The comparison is written so that NaN counts as the largest difference.
    if (!(difference <= most)) {
      most = difference;
    }
  }
  return most;
}

// The example has samples that lie close to its decision boundary. There float32 alone is off by 0.9e-6,
// with every activation rounded correctly, and activations exact to 1e-7 add to it. The difference does
// not grow with the steps.
const models = [
  { name: 'a contractive model', load: async () => seedModel(null).plan, limit: 1e-6 },
  { name: 'the trained example', load: async () => loadModel(example), limit: 2e-6 },
];

for (const { name, load, limit } of models) {
  test(`${name} stays near float64 over ${samples} samples`, async (context) => {
    for (const [target, difference] of drift(await load())) {
      context.diagnostic(`${target}: ${difference}`);
      assert.ok(difference < limit, `${target}: ${difference}`);
    }
  });
}
