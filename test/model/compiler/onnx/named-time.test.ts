import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, valueInfo, tensor, wholes } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

/** A flattened window of three steps of two features, and its product; nothing in it has an axis of time. */
function flattened(axes: readonly (string | number)[]): Uint8Array {
  return model({
    tensors: [tensor('M', [6, 1], [1, 2, 3, 4, 5, 6])],
    inputs: [valueInfo('x', axes)],
    nodes: [node('Flatten', ['x'], ['flat']), node('MatMul', ['flat', 'M'], ['y'])],
  });
}

test('an axis that the file itself calls the time is it, where no operator tells', async () => {
  const plan = await loadBytes(flattened(['batch', 'time', 2]), { window: 3 });
  assert.equal(plan.features, 2);
  assert.ok(plan.modes.sliding.exact);
  assert.match(plan.origin, /input \(batch, time, features\)/);
});

test('without a name the question is asked, with the way out', async () => {
  await assert.rejects(loadBytes(flattened([1, 3, 2])), {
    code: 'model.refused',
    message: /input "x": .*which of its axes is the time: give that axis the name "time".*--window/,
  });
  await assert.rejects(loadBytes(flattened(['batch', 'time', 2])), {
    message: /where one is a length of the window, .*: give it as the window/,
  });
});

test('a fault under other axes than the usual ones says which were taken, and how to say them', () =>
  assert.rejects(
    loadBytes(
      model({
        tensors: [wholes('from', [1], [1]), wholes('to', [1], [2]), wholes('axis', [1], [1])],
        inputs: [valueInfo('x', [2, 3, 3])],
        nodes: [
          node('Slice', ['x', 'from', 'to', 'axis'], ['second']),
          node('RNN', ['second', 'W', 'R'], ['y']),
        ],
      }),
    ),
    {
      message:
        /picks lanes of the batch; its axes were taken for \(time, batch, features\): .*--model-axes/,
    },
  ));
