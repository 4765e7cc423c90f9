import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, tensor, valueInfo, type Written } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

/** Three units of an RNN, of which a mask hides some before an operator. */
function masked(mask: readonly number[], then: Written): Uint8Array {
  return model({
    w: tensor('W', [1, 3, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
    r: tensor('R', [1, 3, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
    tensors: [tensor('mask', [3], mask)],
    nodes: [node('RNN', ['x', 'W', 'R'], ['', 'h']), node('Add', ['h', 'mask'], ['m']), then],
    outputs: [valueInfo('y', [1, 1, 3])],
  });
}

const softmax = node('Softmax', ['m'], ['y']);

test('minus infinity is exact before a softmax of the last axis alone', async () => {
  assert.equal((await loadBytes(masked([0, -Infinity, 1], softmax))).outputs[0]?.size, 3);
  for (const operator of ['Tanh', 'Exp', 'LogSoftmax', 'Transpose', 'Identity']) {
    await assert.rejects(loadBytes(masked([0, -Infinity, 1], node(operator, ['m'], ['y']))), {
      code: 'model.refused',
      message: /the minus infinity that node "add" writes/,
    });
  }
});

test('a mask that hides a whole row is refused', () =>
  assert.rejects(loadBytes(masked([-Infinity, -Infinity, -Infinity], softmax)), {
    code: 'model.refused',
    message: /node "add" \(Add\): its mask has nothing but minus infinity in a row/,
  }));

function lookingForNaN(operator: string): Uint8Array {
  return model({
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      node(operator, ['h'], ['s']),
      node('IsNaN', ['s'], ['n']),
      node('Where', ['n', 'h', 's'], ['y']),
    ],
  });
}

test('NaN is looked for among what a softmax gives alone', async () => {
  assert.equal((await loadBytes(lookingForNaN('Softmax'))).outputs[0]?.size, 1);
  await assert.rejects(loadBytes(lookingForNaN('Tanh')), {
    code: 'model.refused',
    message: /node "isnan" \(IsNaN\): it looks for NaN/,
  });
});
