import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recommend } from '#src/commands/inspect/recommendation.js';
import {
  denseLayer,
  inputLayer,
  kerasArchive,
  layer,
  loadBytes,
  lstmLayer,
  type WrittenLayer,
} from '../../support/model-writer.js';

async function recommended(...layers: WrittenLayer[]) {
  const model = { kerasVersion: '3.15.1', layers: [inputLayer(4), ...layers] };
  return recommend(await loadBytes(await kerasArchive(model)), 'model.keras');
}

const dense = denseLayer('head', 5, 1, { activation: 'sigmoid' });

test('a stateful model carries its state on, whatever its window', async () => {
  const last = { return_sequences: false };
  const fresh = await recommended(lstmLayer('lstm', 3, 5, last), dense);
  assert.equal(fresh.mode, 'sliding');
  const stateful = await recommended(lstmLayer('lstm', 3, 5, { ...last, stateful: true }), dense);
  assert.equal(stateful.mode, 'continuous');
  assert.match(stateful.reason, /stateful: .* from one window of 4 steps to the next/);
  const steps = [lstmLayer('lstm', 3, 5, { stateful: true }), layer('Flatten', { name: 'flat' })];
  const flattened = await recommended(
    ...steps,
    denseLayer('head', 20, 1, { activation: 'sigmoid' }),
  );
  assert.equal(flattened.mode, 'sliding');
  assert.match(flattened.reason, /each window of 4 steps is begun afresh/);
});
