import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, rowsOf } from '../../../../support/graph-writer.js';
import { inputLayer, type WrittenLayer } from '../../../../support/model-writer.js';

/** A function of TensorFlow as Keras 2 saves it: one call is one list. */
function saved(name: string, node: readonly unknown[]): WrittenLayer {
  return {
    class_name: 'TFOpLambda',
    config: { name, trainable: true, dtype: 'float32', function: name },
    outer: { inbound_nodes: [node] },
  };
}

/** A function of the input with arguments. */
function ofInput(name: string, given: Readonly<Record<string, unknown>>): WrittenLayer {
  return saved(name, ['x', 0, 0, given]);
}

const input = { ...inputLayer(4), config: { ...inputLayer(4).config, name: 'x' } };
const window = [
  [9, 9, 9],
  [1, 2, 3],
  [4, 5, 6],
  [-1, 0, 2],
];

async function last(...operations: readonly WrittenLayer[]): Promise<unknown> {
  const output = operations.at(-1)?.config.name ?? '';
  const plan = await load([input, ...operations], [output], '2.15.0');
  return rowsOf(plan, 'sliding', window).at(-1);
}

test('the functions of TensorFlow take its names of arguments', async () => {
  const greater = ofInput('math.greater', { y: 0 });
  const where = saved('where', ['math.greater', 0, 0, { x: ['x', 0, 0], y: -5 }]);
  assert.deepEqual(await last(greater, where), [-5, -5, 2]);
  const clip = ofInput('clip_by_value', { clip_value_min: 0, clip_value_max: 1 });
  assert.deepEqual(await last(clip), [0, 0, 1]);
  assert.deepEqual(await last(ofInput('roll', { shift: 1, axis: 2 })), [2, -1, 0]);
  assert.deepEqual(await last(ofInput('reverse', { axis: [2] })), [2, 0, -1]);
  assert.deepEqual(await last(ofInput('math.cumsum', { axis: 1 })), [13, 16, 20]);
  const gather = ofInput('compat.v1.gather', { indices: [2, 0], axis: 2 });
  assert.deepEqual(await last(gather), [2, -1]);
  const paddings = [
    [0, 0],
    [0, 0],
    [1, 0],
  ];
  const pad = ofInput('compat.v1.pad', { paddings, mode: 'REFLECT' });
  assert.deepEqual(await last(pad), [0, -1, 0, 2]);
  const tile = ofInput('tile', { multiples: [1, 1, 2] });
  assert.deepEqual(await last(tile), [-1, 0, 2, -1, 0, 2]);
  assert.deepEqual(await last(ofInput('compat.v1.transpose', { perm: [0, 2, 1] })), [9, 3, 6, 2]);
});

test('a split by sizes has its parts as outputs', async () => {
  const split = ofInput('split', { num_or_size_splits: [1, 2], axis: 2 });
  const plan = await load([input, split], [['split', 0, 1]], '2.15.0');
  assert.deepEqual(rowsOf(plan, 'sliding', window).at(-1), [0, 2]);
});

test('refused: a function that is not known, by its name, and a sum that leaves itself out', async () => {
  await assert.rejects(last(ofInput('signal.rfft', {})), /tf\.signal\.rfft/);
  const exclusive = ofInput('math.cumsum', { axis: 1, exclusive: true });
  await assert.rejects(last(exclusive), /exclusive=true is not known/);
  await assert.rejects(last(ofInput('math.cumsum', {})), /axis 0 is the batch/);
});
