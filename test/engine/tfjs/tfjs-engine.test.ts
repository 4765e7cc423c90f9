import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepOpCodes } from '#src/engine/native/operation-encoding.js';
import type { Engine } from '#src/engine/program/engine.js';
import { programOf, type StepProgram } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { loadTensorFlow } from '#src/engine/tfjs/load-tensorflow.js';
import { tfjsEngineOn } from '#src/engine/tfjs/tfjs-engine.js';
import { loadModel } from '#src/model/load-model.js';
import { projectFile } from '../../support/project.js';
import { runEngine, type EngineRun } from '../../support/engine-run.js';
import { randomPlan, type RandomPlan } from '../../support/random-plan.js';

const loaded = await loadTensorFlow();
const seeds = Array.from({ length: 40 }, (_, n) => n + 1);
/** How many steps are taken; `LSTMD_TFJS_STEPS=100000` looks for leaks of tensors over a long run. */
const steps = Number(process.env['LSTMD_TFJS_STEPS'] ?? 500);

function programsOf({ plan, windowPlan }: RandomPlan): StepProgram[] {
  const sliding = { mode: 'sliding', stride: 4 } as const;
  const programs = [programOf(plan, { mode: 'continuous' }), programOf(plan, sliding)];
  if (windowPlan !== null) {
    programs.push(programOf({ ...plan, windowPlan }, sliding));
  }
  return programs;
}

/** Within 1e-5: absolute up to 1, relative beyond. */
function near(actual: ArrayLike<number>, expected: ArrayLike<number>, name: string): void {
  assert.equal(actual.length, expected.length, name);
  for (let i = 0; i < expected.length; i += 1) {
    const value = expected[i] ?? Number.NaN;
    const distance = Math.abs((actual[i] ?? Number.NaN) - value);
    assert.ok(
      distance <= 1e-5 * Math.max(1, Math.abs(value)),
      `${name}: ${actual[i]}, not ${value}`,
    );
  }
}

function same(actual: EngineRun, expected: EngineRun, name: string): void {
  assert.deepEqual(actual.flags, expected.flags, name);
  for (const [n, row] of expected.rows.entries()) {
    if (row !== null) {
      near(actual.rows[n] ?? [], row, `${name}, sample ${n}`);
    }
  }
  near(actual.state, expected.state, `${name}, state`);
}

test('tfjs: the package that is asked for is the one in use', () => {
  const asked = process.env['LSTMD_TFJS'];
  if (asked !== undefined) {
    assert.ok(loaded.target.startsWith(`${asked} `), loaded.target);
  }
});

test('tfjs: gives what the reference gives, and either goes on from the state of the other', () => {
  const kinds = new Set<string>();
  for (const seed of seeds) {
    const random = randomPlan(seed);
    const input = random.input(30);
    const half = 13 * random.plan.features;
    for (const { kind } of random.plan.ops) {
      kinds.add(kind);
    }
    for (const program of programsOf(random)) {
      const name = `seed ${seed}, ${program.mode}${program.wholeWindow ? ' by whole windows' : ''}: ${program.plan.ops.map(({ kind }) => kind).join(' ')}`;
      const reference = createReferenceEngine(program);
      const tfjs = tfjsEngineOn(loaded, program);
      const expected = runEngine(reference, program, input);
      same(runEngine(tfjs, program, input, [7, 1]), expected, name);
      const exchanges: [first: Engine, second: Engine][] = [
        [reference, tfjs],
        [tfjs, reference],
      ];
      for (const [first, second] of exchanges) {
        const begun = runEngine(first, program, input.subarray(0, half));
        const ended = runEngine(second, program, input.subarray(half), [3], begun.state.slice());
        const whole = {
          rows: [...begun.rows, ...ended.rows],
          flags: [...begun.flags, ...ended.flags],
          state: ended.state,
        };
        same(whole, expected, `${name}, ${first.name} then ${second.name}`);
      }
    }
  }
  const missing = Object.keys(stepOpCodes).filter((kind) => !kinds.has(kind));
  assert.deepEqual(missing, [], 'test/support/random-op.ts makes no such operation');
});

test('tfjs: gives what the reference gives where every operation has sparsemax', () => {
  let changed = 0;
  for (const seed of seeds.slice(0, 6)) {
    const random = randomPlan(seed);
    const ops = random.plan.ops.map((op) => {
      if (!('activation' in op)) {
        return op;
      }
      changed += 1;
      return { ...op, activation: { kind: 'sparsemax' } as const };
    });
    const program = programOf({ ...random.plan, ops }, { mode: 'continuous' });
    const input = random.input(20);
    const expected = runEngine(createReferenceEngine(program), program, input);
    same(runEngine(tfjsEngineOn(loaded, program), program, input), expected, `seed ${seed}`);
  }
  assert.ok(changed > 5, `${changed} operations`);
});

test('tfjs: no step leaves a tensor behind', async () => {
  const { tf } = loaded;
  const programs = seeds.slice(0, 20).flatMap((seed) => programsOf(randomPlan(seed)));
  const running = await loadModel(projectFile('examples/running/running.keras'));
  programs.push(programOf(running, { mode: 'continuous' }));
  for (const program of programs) {
    const engine = tfjsEngineOn(loaded, program);
    const { features } = program.plan;
    const count = program.plan === running ? steps : 20;
    const input = Float32Array.from({ length: count * features }, (_, n) => Math.sin(n));
    const { state } = runEngine(engine, program, input.subarray(0, features));
    const { numTensors } = tf.memory();
    runEngine(engine, program, input, [100], state);
    assert.equal(tf.memory().numTensors, numTensors);
  }
});
