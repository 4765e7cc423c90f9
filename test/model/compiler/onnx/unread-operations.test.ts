import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowBuilder } from '#src/model/compiler/window-builder.js';
import { StepBuilder } from '#src/model/compiler/step-builder.js';
import { dropUnread } from '#src/model/compiler/onnx/unread-operations.js';
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

test('operations that are read stay, however many they are', () => {
  const count = 200_000;
  const [builder, steps] = [new WindowBuilder(1), new StepBuilder(undefined)];
  let [value, own] = [builder.value(1, 1), steps.value(1, 1)];
  for (let i = 0; i < count; i += 1) {
    value = builder.reshape('one', value, 1, 1);
    const output = steps.value(1, 1);
    steps.add({ kind: 'gather', layer: 'one', input: own, output, indices: Int32Array.of(0) });
    own = output;
  }
  builder.dropUnread([value]);
  dropUnread(steps, [own]);
  assert.deepEqual([builder.plan([value]).ops.length, steps.ops.length], [count, count]);
});
