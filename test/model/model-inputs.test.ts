import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadModel, openStream, openStreams, StepFlag } from '#src/index.js';
import { projectFile } from '../support/project.js';

const caseFile = (name: string): string => projectFile(`test/golden/cases/${name}/model.keras`);
const twoInputs = caseFile('two-inputs');
const constants = { machine: [3] };

async function lastRow(inputs: Record<string, number[]> | undefined, rows: number[][]) {
  const plan = await loadModel(twoInputs, { inputs, constants });
  const { stepper } = await openStream(plan, { mode: 'continuous', engine: 'reference' });
  return rows.map((row) => [...(stepper.push(row) ?? [])]).at(-1);
}

describe('the inputs of a model', () => {
  const rows = Array.from({ length: 4 }, (_, n) => [1, 2, 3, 4, 5, 6].map((k) => Math.sin(k + n)));

  test('take the features that are named, whatever their order', async () => {
    const inOrder = await lastRow(undefined, rows);
    const turned = rows.map(([a, b, c, ...gyro]) => [...gyro, c, a, b].map(Number));
    assert.deepEqual(await lastRow({ gyro: [0, 1, 2], acc: [4, 5, 3] }, turned), inOrder);
  });

  test('may take the same features', async () => {
    const plan = await loadModel(twoInputs, {
      inputs: { acc: [0, 1, 2], gyro: [0, 1, 2] },
      constants,
    });
    assert.equal(plan.features, 3);
    const three = rows.map((row) => row.slice(0, 3));
    const { stepper } = await openStream(plan, { mode: 'continuous', engine: 'reference' });
    const twice = three.map((row) => [...(stepper.push(row) ?? [])]).at(-1);
    assert.deepEqual(
      twice,
      await lastRow(
        undefined,
        three.map((row) => row.concat(row)),
      ),
    );
  });

  const wrong: readonly (readonly [string, Parameters<typeof loadModel>[1], RegExp])[] = [
    [
      'an unknown input',
      { inputs: { acc: [0, 1, 2], other: [3] } },
      /"other" is no input .*: acc, gyro/,
    ],
    [
      'too few features',
      { inputs: { acc: [0, 1], gyro: [2, 3, 4] } },
      /"acc" takes 3 features, not 2/,
    ],
    ['an input left out', { inputs: { acc: [0, 1, 2] } }, /"gyro" has no features; it takes 3/],
    [
      'a feature left out',
      { inputs: { acc: [0, 1, 2], gyro: [4, 5, 6] } },
      /no input takes feature 3/,
    ],
    ['an unknown constant', { constants: { site: [1] } }, /"site" is no input .*: machine/],
    ['a constant of another size', { constants: { machine: [1, 2] } }, /"machine" takes 1 numbers/],
  ];
  for (const [what, options, message] of wrong) {
    test(`refuse ${what}`, async () => {
      await assert.rejects(loadModel(twoInputs, { constants, ...options }), {
        code: 'usage.invalid',
        message,
      });
    });
  }

  test('need the numbers of a constant, which must be rows of an Embedding', async () => {
    const wayOut = /where "machine" is the same at all times .*--constant machine=/;
    await assert.rejects(loadModel(twoInputs), { code: 'model.refused', message: wayOut });
    for (const machine of [[5], [-1], [1.5]]) {
      await assert.rejects(loadModel(twoInputs, { constants: { machine } }), {
        code: 'model.refused',
        message: /its constant is .*: it has rows 0 to 4/,
      });
    }
  });

  test('refuse a sample whose feature is no row of an Embedding', async () => {
    const inputs = { acc: [0, 1, 2], state: [3] };
    const plan = await loadModel(caseFile('embedded-feature'), {
      inputs,
      constants: { site: [1] },
    });
    assert.deepEqual(plan.indexFeatures, [{ feature: 3, below: 4 }]);
    const { stepper } = await openStream(plan, { mode: 'continuous' });
    for (const state of [4, -1, 0.5, Number.NaN]) {
      assert.equal(stepper.push([0, 0, 1, state]), null, String(state));
      assert.equal(stepper.flags, StepFlag.refused);
    }
    assert.equal(stepper.sampleCount, 0);
    assert.notEqual(stepper.push([0, 0, 1, 3]), null);
    const many = await openStreams(plan, 2, { mode: 'continuous' });
    const { flags } = many.stepper.step(Float32Array.of(0, 0, 1, 2, 0, 0, 1, 2.5));
    assert.deepEqual(
      [...flags].map((flag) => flag & StepFlag.refused),
      [0, StepFlag.refused],
    );
  });
});
