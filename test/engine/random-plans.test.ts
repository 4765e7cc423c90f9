import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddon } from '#src/platform/addon.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { stepOpCodes } from '#src/engine/native/operation-encoding.js';
import { StepFlag } from '#src/engine/program/engine.js';
import { programOf, stateHeaderSize, type StepProgram } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { Draw } from '../support/draw.js';
import { runEngine, type EngineRun } from '../support/engine-run.js';
import { randomPlan, type RandomPlan } from '../support/random-plan.js';

/** How many plans are tried, from `LSTMD_RANDOM_PLANS`; a failure names the seed of its plan. */
const plans = Number(process.env['LSTMD_RANDOM_PLANS'] ?? 150);
const seeds = Array.from({ length: plans }, (_, n) => n + 1);
const samples = 120;

function reference(
  program: StepProgram,
  input: Float32Array,
  blocks?: readonly number[],
): EngineRun {
  return runEngine(createReferenceEngine(program), program, input, blocks);
}

function strideOf(seed: number): number {
  return 1 + (seed % 5);
}

function programsOf({ plan, windowPlan }: RandomPlan, seed: number): StepProgram[] {
  const stride = strideOf(seed);
  const programs = [
    programOf(plan, { mode: 'continuous' }),
    programOf(plan, { mode: 'sequence' }),
    programOf(plan, { mode: 'sliding', stride }),
  ];
  if (windowPlan !== null) {
    programs.push(programOf({ ...plan, windowPlan }, { mode: 'sliding', stride }));
  }
  return programs;
}

function enginesOf(random: RandomPlan, seed: number) {
  return programsOf(random, seed).flatMap((program) =>
    [createReferenceEngine, createNativeEngine].map((create) => ({
      program,
      engine: create(program),
    })),
  );
}

function nameOf({ mode, wholeWindow, stride, plan }: StepProgram, seed: number): string {
  const kinds = plan.ops.map(({ kind }) => kind).join(' ');
  return `seed ${seed}, ${mode}${wholeWindow ? ' by whole windows' : ''}, stride ${stride}: ${kinds}`;
}

/** Within 1e-5: absolute up to 1, relative beyond. */
function near(actual: Iterable<number>, expected: readonly number[], name: string): void {
  const values = [...actual];
  for (const [i, value] of expected.entries()) {
    const distance = Math.abs((values[i] ?? Number.NaN) - value);
    assert.ok(
      distance <= 1e-5 * Math.max(1, Math.abs(value)),
      `${name}: ${values[i]}, not ${value}`,
    );
  }
}

test('the plans hold operations of every kind, and give outputs', () => {
  const kinds = new Set<string>();
  const given = { continuous: 0, sequence: 0, sliding: 0 };
  let twins = 0;
  for (const seed of seeds) {
    const random = randomPlan(seed);
    for (const { kind } of random.plan.ops) {
      kinds.add(kind);
    }
    if (random.windowPlan !== null) {
      twins += 1;
    }
    for (const program of programsOf(random, seed).slice(0, 3)) {
      if (reference(program, random.input(40)).rows.some((row) => row !== null)) {
        given[program.mode] += 1;
      }
    }
  }
  const missing = Object.keys(stepOpCodes).filter((kind) => !kinds.has(kind));
  assert.deepEqual(missing, [], 'test/support/random-op.ts makes no such operation');
  assert.ok(twins > plans / 2, `${twins} plans by whole windows`);
  for (const [mode, count] of Object.entries(given)) {
    assert.ok(count > 0.7 * plans, `outputs of ${count} plans in ${mode}`);
  }
});

test('blocks of any sizes, and a state saved and restored, give the same bits', () => {
  for (const seed of seeds) {
    const random = randomPlan(seed);
    const input = random.input(60);
    const { features } = random.plan;
    for (const { program, engine } of enginesOf(random, seed)) {
      const name = `${engine.name}, ${nameOf(program, seed)}`;
      const whole = runEngine(engine, program, input);
      assert.deepEqual(runEngine(engine, program, input, [1, 7, 2]), whole, name);
      const half = runEngine(engine, program, input.subarray(0, 23 * features));
      const rest = runEngine(
        engine,
        program,
        input.subarray(23 * features),
        [3],
        half.state.slice(),
      );
      assert.deepEqual([...half.rows, ...rest.rows], whole.rows, name);
      assert.deepEqual(rest.state, whole.state, name);
    }
  }
});

test('sliding gives what each window alone gives, by lanes and by whole windows', () => {
  for (const seed of seeds) {
    const random = randomPlan(seed);
    const { plan, windowPlan } = random;
    const stride = strideOf(seed);
    const input = random.input(40);
    const sequence = programOf(plan, { mode: 'sequence' });
    const windows = Array.from({ length: 40 }, (_, n) => {
      const start = n - plan.window + 1;
      if (start < 0 || start % stride !== 0) {
        return null;
      }
      const samplesOf = input.subarray(start * plan.features, (n + 1) * plan.features);
      return reference(sequence, samplesOf).rows.at(-1) ?? null;
    });
    for (const program of programsOf({ ...random, windowPlan }, seed).slice(2)) {
      assert.deepEqual(reference(program, input).rows, windows, nameOf(program, seed));
    }
  }
});

test('the kernel gives what the reference gives, on every SIMD target', () => {
  const targets = loadAddon().simdTargets();
  for (const seed of seeds) {
    const random = randomPlan(seed);
    const input = random.input(samples);
    for (const program of programsOf(random, seed)) {
      const expected = reference(program, input);
      for (const target of targets) {
        const name = `${target}, ${nameOf(program, seed)}`;
        const native = runEngine(createNativeEngine(program, { target }), program, input, [64]);
        assert.deepEqual(native.flags, expected.flags, name);
        for (const [n, row] of expected.rows.entries()) {
          if (row !== null) {
            near(native.rows[n] ?? [], row, `${name}, sample ${n}`);
          }
        }
        near(native.state, [...expected.state], `${name}, state`);
      }
    }
  }
});

test('a damaged state makes both engines reset, or neither', () => {
  const damages = [Number.NaN, Infinity, -1, 0.5, 2, 2 ** 24 - 1, 1e9];
  let resets = 0;
  for (const seed of seeds) {
    const random = randomPlan(seed);
    const input = random.input(20);
    const draw = new Draw(seed);
    for (const program of programsOf(random, seed)) {
      const damaged = reference(program, input).state;
      if (damaged.length === stateHeaderSize) {
        continue;
      }
      const at = draw.whole(stateHeaderSize, damaged.length - 1);
      damaged[at] = draw.one(damages);
      const name = `${nameOf(program, seed)}: ${damaged[at]} at ${at}`;
      const [expected, actual] = [createReferenceEngine, createNativeEngine].map(
        (create) => runEngine(create(program), program, input, [20], damaged.slice()).flags,
      );
      assert.deepEqual(actual, expected, name);
      if (expected?.some((flag) => (flag & StepFlag.reset) !== 0)) {
        resets += 1;
      }
    }
  }
  assert.ok(resets > plans / 2, `${resets} resets`);
});
