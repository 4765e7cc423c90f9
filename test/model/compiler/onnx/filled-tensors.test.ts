import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, tensor, valueInfo, wholes } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

/** A model that writes zero over the first step of what an RNN gives. */
function firstWritten(steps: number | string): Uint8Array {
  return model({
    tensors: [wholes('first', [1, 1], [0]), tensor('zero', [1, 1, 1, 1], [0])],
    inputs: [valueInfo('x', [steps, 1, 3])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['h']), node('ScatterND', ['h', 'first', 'zero'], ['y'])],
  });
}

test('an index of a window of any length is not taken for one of another length', async () => {
  const any = await loadBytes(firstWritten('time'), { window: 60 });
  assert.equal(any.layers.at(-1)?.className, 'ScatterND');
  assert.equal(any.modes.sliding.exact, true);
  assert.equal(any.modes.sequence.exact, false);
  const fixed = await loadBytes(firstWritten(8));
  assert.equal(fixed.layers.at(-1)?.className, 'Concat');
  assert.equal(fixed.modes.sliding.exact, true);
});
