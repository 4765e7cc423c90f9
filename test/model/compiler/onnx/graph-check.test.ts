import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableName } from '#src/base/printable-text.js';
import { Written, model, node, tensor, valueInfo, withInts } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const scaled = node('RNN', ['s', 'W', 'R'], ['', 'y']);
const escape = String.fromCodePoint(0x1b);

/** An input of whole numbers. */
const ofWholes = new Written()
  .bytes(1, 'x')
  .bytes(2, new Written().bytes(1, new Written().int(1, 7).bytes(2, new Written())));

const faults: readonly (readonly [string, Parameters<typeof model>[0], RegExp])[] = [
  [
    'an initialiser that is there twice',
    { tensors: [tensor('W', [1], [1])] },
    /two initialisers "W"/,
  ],
  [
    'an input that is there twice',
    { inputs: [valueInfo('x', [8, 1, 3]), valueInfo('x', [8, 1, 3])] },
    /its inputs name "x" twice/,
  ],
  [
    'nodes out of order that give a name twice',
    {
      nodes: [
        node('Tanh', ['h'], ['y']),
        node('RNN', ['x', 'W', 'R'], ['', 'h']),
        node('RNN', ['x', 'W', 'R'], ['', 'h']),
      ],
    },
    /node "tanh" \(Tanh\): it takes "h", which is given behind it: .* gives a name twice/,
  ],
  [
    'a node that takes what hangs on it',
    {
      nodes: [
        node('Tanh', ['h'], ['t']),
        node('Add', ['x', 't'], ['s']),
        node('RNN', ['s', 'W', 'R'], ['', 'h']),
      ],
      outputs: [valueInfo('h', [8, 1, 1, 1])],
    },
    /it takes "\w+", which is given behind it: the graph has a cycle/,
  ],
  [
    'a name that no node gives',
    { nodes: [node('RNN', ['z', 'W', 'R'], ['', 'y'])] },
    /node "rnn" \(RNN\): it takes "z", which no node gives/,
  ],
  [
    'an output that no node gives',
    { outputs: [valueInfo('z', [1])] },
    /output "z": no node gives it/,
  ],
  ['a graph without outputs', { outputs: [] }, /the graph has no output/],
  [
    'operators of a version to come',
    { opset: 99 },
    /opset 99, and those up to opset \d+ are known/,
  ],
  ['an input of whole numbers', { inputs: [ofWholes] }, /input "x" .* is of int64/],
  [
    'more features than a sample has',
    { inputs: [valueInfo('x', [8, 1, 2 ** 30])] },
    /would take 4096 MiB of memory/,
  ],
  ['an input of no axes', { inputs: [valueInfo('x', [])] }, /input "x" .* has 0 axes/],
  [
    'an operator of scikit-learn',
    { nodes: [node('Scaler', ['x'], ['s']).bytes(7, 'ai.onnx.ml'), scaled] },
    /features\.mean, features\.std/,
  ],
  [
    'an operator whose name commands a terminal',
    { nodes: [node(`Odd${escape}[2J`, ['x'], ['s']).bytes(7, 'odd'), scaled] },
    /operator Odd\\x1b\[2J of odd/,
  ],
  [
    'a pool of padding alone',
    {
      inputs: [valueInfo('x', [1, 3, 8])],
      nodes: [
        withInts(withInts(node('MaxPool', ['x'], ['y']), 'kernel_shape', [2]), 'pads', [2, 0]),
      ],
    },
    /node "maxpool" \(MaxPool\): it pools padding alone/,
  ],
];

for (const [what, parts, message] of faults) {
  test(`${what} is refused by its name`, async () => {
    await assert.rejects(loadBytes(model(parts)), { message });
  });
}

const unordered = [
  node('Tanh', ['h'], ['y']),
  node('RNN', ['s', 'W', 'R'], ['', 'h']),
  node('Abs', ['x'], ['s']),
];

test('nodes out of order are put in order, as onnxruntime does', async () => {
  const ordered = await loadBytes(model({ nodes: unordered.toReversed() }));
  assert.deepEqual((await loadBytes(model({ nodes: unordered }))).ops, ordered.ops);
});

test('a name is shown on one line, and cut', () => {
  assert.equal(printableName('a\nb'), String.raw`a\nb`);
  assert.equal(printableName('a'.repeat(300)).length, 203);
});
