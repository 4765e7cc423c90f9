import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caseRowOf, partError } from '#src/stream/case-row.js';
import { loadModel } from '#src/index.js';
import { projectFile } from '../support/project.js';

const loaded = await loadModel(projectFile('examples/running/running.keras'));
const one = { value: 0, heldOffset: null, holdsOffset: null };
const plan = {
  ...loaded,
  window: 5,
  outputs: [
    { ...one, name: 'steps', size: 2, shape: [null, 2] },
    { ...one, name: 'class', size: 3, shape: [3] },
  ],
  classOutputs: ['class'],
};

test('the length of a row tells whether it has all steps, and the number of a class or the scores', () => {
  const read = (length: number) => {
    const { parts = [], isWhole } = caseRowOf(plan, length) ?? {};
    return [isWhole, ...parts.map(({ caseAt, isClass }) => (isClass ? `class ${caseAt}` : caseAt))];
  };
  assert.deepEqual(read(5), [false, 0, 2]);
  assert.deepEqual(read(3), [false, 0, 'class 2']);
  assert.deepEqual(read(13), [true, 8, 10]);
  assert.deepEqual(read(11), [true, 8, 'class 10']);
  assert.equal(caseRowOf(plan, 4), undefined);
});

test('the error of a class is what its score lacks to the best, and what is no class is infinitely off', () => {
  const part = { caseAt: 0, rowAt: 1, size: 3, isClass: true };
  const row = Float32Array.of(9, 0.25, 0.75, 0);
  assert.deepEqual(partError(part, [1], row), [0, 1]);
  assert.deepEqual(partError(part, [0], row), [0.5, 1]);
  assert.deepEqual(partError(part, [null], row), [0, 1]);
  for (const known of [-1, 3, 0.5]) {
    assert.equal(partError(part, [known], row)[0], Infinity);
  }
});

test('NaN is an error that no other hides', () => {
  const part = { caseAt: 0, rowAt: 0, size: 3, isClass: false };
  const [error, output] = partError(part, [0, 0, 7], Float32Array.of(1, Number.NaN, 0));
  assert.ok(Number.isNaN(error));
  assert.equal(output, 1);
});
