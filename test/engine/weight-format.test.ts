import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerPlan } from '#src/commands/bench/kernel/seed-model.js';
import { loadAddon } from '#src/platform/addon.js';
import type { Engine } from '#src/engine/program/engine.js';
import { createNativeEngine } from '#src/engine/native/native-engine.js';
import { layoutHash, programOf, type StepProgram } from '#src/engine/program/program.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { roundWeights, type WeightFormat } from '#src/engine/program/weight-format.js';
import type { DenseOp } from '#src/model/plan/step-op.js';
import { dense, planOf, programFor } from '../support/native-plan.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';
import { stepAll } from '../support/engine-run.js';

const formats = ['bf16', 'int8'] as const satisfies readonly WeightFormat[];

/** A kernel of two units, rounded. */
function roundedKernel(values: readonly number[], format: WeightFormat): number[] {
  const op: DenseOp = {
    ...dense('only', 0, 1, values.length / 2, 2),
    kernel: Float32Array.from(values),
  };
  const [rounded] = roundWeights(planOf([op], [values.length / 2, 2], 0), format).ops;
  assert.ok(rounded?.kind === 'dense');
  assert.equal(rounded.bias, op.bias);
  assert.deepEqual(op.kernel, Float32Array.from(values), 'the plan is as it was');
  return [...rounded.kernel];
}

test('bf16 rounds to the nearest of 8 bits, of two as near to the even one', () => {
  const ulp = 2 ** -7;
  const ties = [1 + ulp / 2, 1 + (3 * ulp) / 2, -1 - ulp / 2, 1 + ulp / 2 + 2 ** -20];
  assert.deepEqual(roundedKernel(ties, 'bf16'), [1, 1 + 2 * ulp, -1, 1 + ulp]);
  const kept = [0, -0, 1, -2.5, 2 ** -126, -(2 ** 127)];
  assert.deepEqual(roundedKernel(kept, 'bf16'), kept);
  const largest = Math.fround(3.4028234663852886e38);
  const [up = Number.NaN, down = Number.NaN] = roundedKernel([largest, -largest], 'bf16');
  assert.equal(up, 3.3895313892515355e38);
  assert.equal(down, -up);
});

test('int8 is whole numbers of a scale of the unit', () => {
  const rounded = roundedKernel([127, 0.5, 3.4, -0.249, -90.6, 0.001], 'int8');
  const scale = Math.fround(0.5 / 127);
  const expected = [127, 0.5, 3, -63 * scale, -91, 0].map((value) => Math.fround(value));
  for (const [index, value] of rounded.entries()) {
    assert.ok(Math.abs(value - (expected[index] ?? Number.NaN)) < 1e-7, `${index}: ${value}`);
  }
  assert.deepEqual(roundedKernel([0, 1e-40, 0, -1e-40], 'int8').map(Math.abs), [0, 0, 0, 0]);
});

test('a recurrent layer has one scale for what is summed together', () => {
  const plan = layerPlan(5);
  const [op] = plan.ops;
  const [rounded] = roundWeights(plan, 'int8').ops;
  assert.ok(op?.kind === 'lstm' && rounded?.kind === 'lstm');
  for (let column = 0; column < 20; column += 1) {
    const of = (matrix: Float32Array): number[] =>
      [...matrix].filter((_, index) => index % 20 === column);
    const weights = [...of(op.kernel), ...of(op.recurrentKernel)];
    const scale = Math.max(...weights.map(Math.abs)) / 127;
    for (const [index, value] of [
      ...of(rounded.kernel),
      ...of(rounded.recurrentKernel),
    ].entries()) {
      const steps = value / scale;
      assert.ok(Math.abs(steps - Math.round(steps)) < 1e-4, `${steps}`);
      assert.ok(Math.abs(value - (weights[index] ?? Number.NaN)) <= scale * 0.5001);
    }
  }
});

test('f32 is the plan itself', () => {
  const { plan } = programFor('continuous');
  assert.equal(roundWeights(plan, 'f32'), plan);
});

function withWeights(program: StepProgram, weights: WeightFormat): StepProgram {
  return { ...program, plan: roundWeights(program.plan, weights), weights };
}

for (const target of loadAddon().simdTargets()) {
  for (const weights of formats) {
    test(`${target}: what ${weights} keeps is what the reference computes with`, () => {
      const programs = [
        programFor('continuous'),
        programFor('sliding', { window: 7 }),
        ...[16, 33, 64, 130].map((units) => programOf(layerPlan(units), { mode: 'continuous' })),
      ];
      for (const plain of programs) {
        const program = withWeights(plain, weights);
        const count = 40;
        const input = randomFloats(count * program.plan.features, 2, 9);
        const run = (engine: Engine): Float32Array => stepAll(engine, program, input).output;
        const found = run(createNativeEngine(program, { target }));
        const other = run(createReferenceEngine(plain));
        let largest = 0;
        for (const [index, value] of run(createReferenceEngine(program)).entries()) {
          assert.ok(
            Math.abs((found[index] ?? Number.NaN) - value) < 1e-6,
            `${program.plan.name} ${index}`,
          );
          largest = Math.max(largest, Math.abs(value - (other[index] ?? Number.NaN)));
        }
        assert.ok(largest > 1e-5, 'the rounding is there to see');
      }
    });
  }
}

test('a state is of the weights with which it was computed', () => {
  const { plan } = programFor('continuous');
  const hash = (weights?: WeightFormat): string =>
    layoutHash(programOf(plan, { mode: 'continuous', weights }));
  assert.equal(hash(), hash('f32'));
  assert.equal(new Set(['f32', 'bf16', 'int8'].map((name) => hash(name as WeightFormat))).size, 3);
});
