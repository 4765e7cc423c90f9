import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedFeatures } from '#src/agent/expected-features.js';
import { denseLayer, inputLayer } from '../support/model-writer.js';
import { load } from '../support/graph-writer.js';

const plain = { scale: 1, mean: 0, std: 1 };

test('the features of a training are those of the Normalization that the input goes through', async () => {
  const config = { name: 'adapted', axis: [-1], mean: [1, 2, 3], variance: [4, 9, 0.25] };
  const plan = await load([
    inputLayer(null),
    { class_name: 'Normalization', config },
    denseLayer('dense', 3, 2),
  ]);
  const expected = expectedFeatures(plan, plain);
  assert.deepEqual([...(expected?.mean ?? [])], [1, 2, 3]);
  assert.deepEqual([...(expected?.deviation ?? [])], [2, 3, 0.5]);
  assert.match(expected?.source ?? '', /"adapted"/);
});

test('without one they are what features.mean and features.std make, or unknown', async () => {
  const plan = await load([inputLayer(null), denseLayer('dense', 3, 2)]);
  assert.equal(expectedFeatures(plan, plain), undefined);
  const expected = expectedFeatures(plan, { ...plain, mean: [0, 0, 1], std: [0.5, 0.5, 0.4] });
  assert.deepEqual([...(expected?.deviation ?? [])], [1, 1, 1]);
  assert.match(expected?.source ?? '', /features\.mean/);
});
