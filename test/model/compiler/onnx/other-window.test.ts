import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '#src/model/load-model.js';
import { projectFile } from '../../../support/project.js';
import { model, node, tensor, valueInfo, withInt, withInts } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const cases = projectFile('test/golden/onnx/cases');

for (const name of ['lstm-last-torchscript', 'rnn-dynamo-written-out', 'flatten-reshape']) {
  test(`${name}, whose file says a number of steps, takes no other window`, async () => {
    const file = `${cases}/${name}/model.onnx`;
    const { window } = await loadModel(file);
    assert.ok(window !== null && window !== 11);
    await assert.rejects(loadModel(file, { window: 11 }), {
      code: 'model.mode',
      message: new RegExp(
        `input ".*" takes windows of ${window} steps, which its file says: a window of 11 \\(model\\.window, --window\\) is for`,
      ),
    });
    assert.equal((await loadModel(file, { window })).window, window);
  });
}

test('one sample at each call has no window of the file, and takes the one that is asked for', async () => {
  const bytes = model({
    tensors: [],
    inputs: [valueInfo('x', [1, 1, 3])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['y'])],
  });
  assert.equal((await loadBytes(bytes, { window: 5 })).window, 5);
});

const freeWindow = model({
  tensors: [tensor('weights', [8, 1], [1, 2, 3, 4, 5, 6, 7, 8])],
  inputs: [valueInfo('x', ['time', 1, 3])],
  nodes: [
    node('RNN', ['x', 'W', 'R'], ['steps']),
    withInt(node('Flatten', ['steps'], ['flat']), 'axis', 0),
    node('MatMul', ['flat', 'weights'], ['y']),
  ],
});

test('weights for one window are taken in that window', async () => {
  await assert.rejects(loadBytes(freeWindow), { message: /MatMul.*give it as the window/ });
  assert.equal((await loadBytes(freeWindow, { window: 8 })).window, 8);
});

test('a positional encoding of one window is not read as one step of features', async () => {
  const steps = Array.from({ length: 8 }, (_, i) => i / 8);
  const bytes = model({
    opset: 11,
    tensors: [tensor('positions', [8, 1], steps)],
    w: tensor('W', [1, 1, 1], [0.5]),
    inputs: [valueInfo('x', ['batch', 'time', 1])],
    nodes: [
      withInts(node('Transpose', ['x'], ['turned']), 'perm', [1, 0, 2]),
      node('RNN', ['turned', 'W', 'R'], ['h']),
      withInts(node('Squeeze', ['h'], ['flat']), 'axes', [1, 2]),
      withInts(node('Unsqueeze', ['flat'], ['column']), 'axes', [0]),
      node('Add', ['column', 'positions'], ['y']),
    ],
  });
  await assert.rejects(loadBytes(bytes), { message: /node "add" .*give it as the window/ });
  assert.equal((await loadBytes(bytes, { window: 8 })).window, 8);
});

test('a number of steps that is computed with asks for the window', async () => {
  const bytes = model({
    tensors: [],
    inputs: [valueInfo('x', ['time', 1, 3])],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      node('Size', ['x'], ['count']),
      withInt(node('Cast', ['count'], ['floats']), 'to', 1),
      node('Mul', ['h', 'floats'], ['y']),
    ],
  });
  await assert.rejects(loadBytes(bytes), { message: /"mul".*length of the window.*give a window/ });
  assert.ok((await loadBytes(bytes, { window: 5 })).modes.sliding.exact);
});
