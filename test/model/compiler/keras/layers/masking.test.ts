import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import { load, weightedLayer, rowsOf, samples } from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  layer,
  lstmLayer,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

const masking = layer('Masking', { name: 'mask', mask_value: 0 });
const lstm = lstmLayer('lstm', 3, 3);

test('a masked sample leaves state and output as they were', async () => {
  const plan = await load([
    inputLayer(4),
    masking,
    layer('Dropout', { name: 'd', rate: 0.1 }),
    lstm,
  ]);
  const seen = samples(5);
  const gaps = seen.flatMap((sample) => [sample, [0, 0, 0]]);
  const rows = rowsOf(plan, 'continuous', gaps);
  const expected = rowsOf(plan, 'continuous', seen);
  assert.deepEqual(
    rows.filter((_, n) => n % 2 === 0),
    expected,
  );
  assert.deepEqual(
    rows.filter((_, n) => n % 2 === 1),
    expected,
  );
});

const masks = async (...layers: WrittenLayer[]) =>
  (await load([inputLayer(4), masking, ...layers])).ops.flatMap((op) =>
    op.kind === 'lstm' || op.kind === 'globalPool' ? [op.mask] : [],
  );

test('masks are passed on as Keras does: not by convolutions, not after the last step', async () => {
  const conv = weightedLayer(
    'Conv1D',
    { name: 'conv', filters: 3, kernel_size: [1], strides: [1], padding: 'valid' },
    [1, 3, 3],
    [3],
  );
  assert.deepEqual(await masks(lstm, lstmLayer('b', 3, 3)), [2, 2]);
  assert.deepEqual(await masks(lstm, conv, lstmLayer('b', 3, 3)), [2, null]);
  assert.deepEqual(await masks(layer('GlobalAveragePooling1D', { name: 'g' })), [2]);
  assert.deepEqual(await masks(layer('GlobalMaxPooling1D', { name: 'g' })), [null]);
});

test('a mean over masked steps alone gives no output', async () => {
  const plan = await load([inputLayer(2), masking, layer('GlobalAveragePooling1D', { name: 'g' })]);
  const rows = rowsOf(plan, 'sequence', [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
    [3, 2, 1],
  ]);
  assert.deepEqual(rows, [null, null, null, [3, 2, 1]]);
});

const refused = async (
  layers: readonly WrittenLayer[],
  message: RegExp,
  outputs?: readonly string[],
) => {
  await assert.rejects(load([inputLayer(4), ...layers], outputs), (error) =>
    message.test(messageOf(error)),
  );
};

test('refused: masks where it is not known what Keras would do', async () => {
  await refused([masking, layer('Softmax', { name: 's' })], /"s" \(Softmax\): a mask reaches it/);
  await refused(
    [masking, layer('Rescaling', { name: 'r', scale: 2 })],
    /"r" \(Rescaling\): a mask reaches it/,
  );
  await refused(
    [denseLayer('d', 3, 3), layer('Flatten', { name: 'f' }), masking],
    /"mask" \(Masking\): its input has no time axis/,
  );
});
