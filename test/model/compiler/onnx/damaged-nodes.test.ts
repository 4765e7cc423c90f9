import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  model,
  node,
  tensor,
  valueInfo,
  wholes,
  withInt,
  withInts,
  type Written,
} from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const rnn = node('RNN', ['x', 'W', 'R'], ['', 'h']);

/** A model of nodes behind an RNN. */
function behind(nodes: readonly Written[], tensors: readonly Written[] = []): Uint8Array {
  return model({ nodes: [rnn, ...nodes], tensors });
}

const zero = wholes('zero', [1], [0]);
const twice = withInt(withInt(node('Softmax', ['h'], ['y']), 'axis', 1), 'axis', 2);

/** Holds what is wrong, and the error that says so. */
const damaged: readonly (readonly [string, Uint8Array, RegExp])[] = [
  [
    'one input of two',
    behind([node('Add', ['h'], ['y'])]),
    /"add" \(Add\): it has 1 inputs in place of 2/,
  ],
  [
    'three inputs of two',
    behind([node('Add', ['h', 'h', 'h'], ['y'])]),
    /it has 3 inputs in place of 2/,
  ],
  [
    'a whole number beside floats',
    behind([node('Add', ['h', 'zero'], ['y'])], [zero]),
    /\(Add\): it takes floats beside whole numbers/,
  ],
  [
    'an index with a fraction',
    behind([node('Gather', ['h', 'half'], ['y'])], [tensor('half', [1], [0.5])]),
    /\(Gather\): its indices are not whole numbers/,
  ],
  [
    'bounds that are no numbers',
    behind([node('Clip', ['h', 'two'], ['y'])], [tensor('two', [2], [0, 1])]),
    /\(Clip\): its min is not one number/,
  ],
  ['an attribute twice', behind([twice]), /node "softmax" has its attribute "axis" twice/],
  [
    'an axis twice',
    behind([node('Unsqueeze', ['h', 'axes'], ['y'])], [wholes('axes', [2], [0, 0])]),
    /\(Unsqueeze\): it adds an axis twice/,
  ],
  [
    'neither yes nor no',
    model({ nodes: [withInt(node('RNN', ['x', 'W', 'R'], ['', 'y']), 'layout', 2)] }),
    /\(RNN\): layout=2 is neither 0 nor 1/,
  ],
  [
    'a pool without a kernel',
    model({ nodes: [node('MaxPool', ['x'], ['y'])] }),
    /\(MaxPool\): it has no kernel_shape/,
  ],
  [
    'another kernel than that of the weights',
    model({
      inputs: [valueInfo('x', [1, 1, 8])],
      tensors: [tensor('w', [1, 1, 2], [0.5, 0.25])],
      nodes: [withInts(node('Conv', ['x', 'w'], ['y']), 'kernel_shape', [5])],
    }),
    /\(Conv\): its weights of shape \[1, 1, 2\] are not a kernel of \[5\]/,
  ],
];

for (const [what, bytes, message] of damaged) {
  test(`${what} is told by the name of the node`, () =>
    assert.rejects(loadBytes(bytes), { code: 'model.malformed', message }));
}

test('what holds no number is refused', () =>
  assert.rejects(
    loadBytes(behind([node('Tile', ['h', 'none'], ['y'])], [wholes('none', [3], [1, 1, 0])])),
    {
      code: 'model.refused',
      message: /node "tile" \(Tile\): what it gives has no number in it/,
    },
  ));

test('a file that was put behind itself is not read', () => {
  const once = model();
  return assert.rejects(loadBytes(Uint8Array.from([...once, ...once])), {
    code: 'model.malformed',
    message: /the file holds two graphs/,
  });
});

test('an output that is not given here is told by the name of its node', () =>
  assert.rejects(
    loadBytes(
      behind(
        [
          node('LayerNormalization', ['h', 'one'], ['z', 'mean']),
          node('Add', ['z', 'mean'], ['y']),
        ],
        [tensor('one', [1], [1])],
      ),
    ),
    {
      code: 'model.refused',
      message: /node "layernormalization" .*: its output 1 is not supported/,
    },
  ));
