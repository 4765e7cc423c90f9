import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { StepFlag } from '#src/engine/program/engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadModel } from '#src/model/load-model.js';
import { MotionModel } from '#src/simulator/motion/motion.js';
import { readComputedCase } from '../golden/golden-case.js';
import { projectFile } from '../support/project.js';

/** That the network gives what Keras gave for `case.json` is a test of `golden.test.ts`. */
const folder = projectFile('examples/running');
const rateHz = 26;

test('the network knows for an hour without a reset whether the wearer runs', async () => {
  const plan = await loadModel(`${folder}/running.keras`);
  const program = programOf(plan, { mode: 'continuous' });
  const motion = new MotionModel({ seed: 77, rateHz });
  const count = 3600 * rateHz;
  const milligravities = new Float32Array(3 * count);
  const running = new Uint8Array(count);
  for (let n = 0; n < count; n += 1) {
    motion.next(milligravities.subarray(3 * n, 3 * n + 3));
    running[n] = motion.activity === 'running' ? 1 : 0;
  }
  const input = milligravities.map((value) => value * 0.001);
  const arrays = createStepArrays(program, count);
  const { output, flags } = arrays;
  arrays.input.set(input);
  createReferenceEngine(program).bind(arrays)(count);
  assert.ok(flags.every((flag) => (flag & ~StepFlag.warm) === StepFlag.output));

  let judged = 0;
  let right = 0;
  let sinceChange = 0;
  for (let n = 0; n < count; n += 1) {
    sinceChange = n > 0 && running[n] === running[n - 1] ? sinceChange + 1 : 0;
    if (sinceChange < 3 * rateHz) {
      continue;
    }
    judged += 1;
    if ((output[n] ?? Number.NaN) > 0.5 === (running[n] === 1)) {
      right += 1;
    }
  }
  assert.ok(judged > count / 2);
  assert.ok(right >= 0.95 * judged, `${right} of ${judged}`);
});

test('motion-to-csv.mjs prints the readings of case.json', () => {
  const golden = readComputedCase('running', folder);
  const script = `${folder}/motion-to-csv.mjs`;
  const arguments_ = [script, '3001', String(rateHz), String(120 * rateHz)];
  const text = execFileSync(process.execPath, arguments_, { encoding: 'utf8' });
  const rows = text
    .trim()
    .split('\n')
    .map((row) => row.split(','));
  const startsToRun = rows.findIndex(
    (row, n) => n > 0 && row[3] === 'running' && rows[n - 1]?.[3] !== 'running',
  );
  const start = startsToRun - 151;
  const readings = rows.slice(start, start + golden.input.length);
  assert.deepEqual(
    readings.map((row) => row.slice(0, 3).map((value) => Math.round(Number(value)) / 1000)),
    golden.input,
  );
});
