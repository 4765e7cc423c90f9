import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, tensor, valueInfo } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const weights = tensor('weights', [1, 1], [0.5]);
const product = [
  node('RNN', ['x', 'W', 'R'], ['', 'h']),
  node('MatMul', ['h', 'weights'], ['scores']),
  node('Sigmoid', ['scores'], ['y']),
];

async function kindsOf(parts: Parameters<typeof model>[0]): Promise<string[]> {
  const { ops } = await loadBytes(model({ ...parts, tensors: [weights] }));
  return ops.map(({ kind }) => kind);
}

test('a product applies the function that alone reads it', async () => {
  assert.deepEqual(await kindsOf({ nodes: product }), ['simpleRnn', 'dense']);
});

test('a product that is read elsewhere too keeps its own output', async () => {
  const outputs = [valueInfo('y', [1, 1, 1]), valueInfo('scores', [1, 1, 1])];
  assert.deepEqual(await kindsOf({ nodes: product, outputs }), [
    'simpleRnn',
    'dense',
    'activation',
  ]);
});
