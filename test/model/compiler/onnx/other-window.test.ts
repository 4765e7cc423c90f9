import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '#src/model/load-model.js';
import { projectFile } from '../../../support/project.js';

const cases = projectFile('test/golden/onnx/cases');

for (const name of [
  'lstm-last-torchscript',
  'lstm-two-layers-dynamo',
  'gru-two-layers',
  'rnn-dynamo-written-out',
]) {
  test(`${name}, whose file says a number of steps, takes another window`, async () => {
    const own = await loadModel(`${cases}/${name}/model.onnx`);
    const other = await loadModel(`${cases}/${name}/model.onnx`, { window: 11 });
    assert.notEqual(own.window, 11);
    assert.equal(other.window, 11);
    assert.ok(Object.values(other.modes).every(({ exact }) => exact));
    assert.deepEqual(other.ops, own.ops);
  });
}

test('a model whose weights are for its window takes no other', () =>
  assert.rejects(loadModel(`${cases}/flatten-reshape/model.onnx`, { window: 11 }), {
    code: 'model.malformed',
    message: /node "\/fc\/Gemm" \(Gemm\): its input has 55 features, and its weights are for 90/,
  }));
