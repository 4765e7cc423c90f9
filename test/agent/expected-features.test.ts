import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedFeatures } from '#src/agent/expected-features.js';
import { FeatureCheck } from '#src/sensor/feature-check.js';
import { denseLayer, inputLayer, lstmLayer } from '../support/model-writer.js';
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

test('where nothing is said, the first weights tell the size of features to a factor', async () => {
  const lstm = await load([inputLayer(null), lstmLayer('lstm', 3, 16), denseLayer('dense', 16, 2)]);
  const expected = expectedFeatures(lstm, plain);
  assert.ok(expected);
  assert.match(expected.source, /layer "lstm"/);
  const isFar = (z: number): boolean => {
    const row = Float32Array.of(0, 0, z);
    return new FeatureCheck(expected, 1).add(row, 1) !== null;
  };
  assert.deepEqual([1, 9.81, 16_384, -16_384].map(isFar), [false, false, true, true]);
  assert.equal(new FeatureCheck(expected, 1).add(new Float32Array(3), 1), null, 'none too small');

  const rescaling = { name: 'rescaling', scale: 1 / 2048, offset: 0 };
  const scaled = await load([
    inputLayer(null),
    { class_name: 'Rescaling', config: rescaling },
    denseLayer('dense', 3, 2),
  ]);
  assert.deepEqual([...(expectedFeatures(scaled, plain)?.deviation ?? [])], [2048, 2048, 2048]);
});
