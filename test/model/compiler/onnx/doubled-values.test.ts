import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, tensor, valueInfo, withInt } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

/** Each value twice, from `d0` to `d64`. */
const doubled = Array.from({ length: 64 }, (_, i) =>
  withInt(node('Concat', [`d${i}`, `d${i}`], [`d${i + 1}`]), 'axis', 1),
);

test('a graph that doubles its values at each node is looked at once', async () => {
  await assert.rejects(
    loadBytes(
      model({
        tensors: [
          tensor('M', [3, 2], [0.3, -0.2, 0.5, 0.1, 0.4, -0.6]),
          tensor('S', [2, 2], [0.6, 0.1, -0.3, 0.2]),
        ],
        inputs: [valueInfo('a', [1, 3]), valueInfo('b', [1, 2])],
        outputs: [valueInfo('d64', [1, 2]), valueInfo('y', [1, 2])],
        nodes: [node('MatMul', ['a', 'M'], ['d0']), ...doubled, node('MatMul', ['b', 'S'], ['y'])],
      }),
    ),
    { code: 'model.refused', message: /inputs "a" and "b"/ },
  );
});

function gemm(inputs: readonly string[], output: string): ReturnType<typeof node> {
  return withInt(node('Gemm', inputs, [output]), 'transB', 1);
}

test('a cell whose state is doubled at each of many nodes is looked at once', async () => {
  const bytes = model({
    tensors: [
      tensor(
        'M',
        [8, 3],
        Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      ),
      tensor(
        'S',
        [8, 2],
        Array.from({ length: 16 }, (_, i) => Math.cos(i)),
      ),
    ],
    inputs: [valueInfo('x', [1, 3]), valueInfo('h', [1, 2]), valueInfo('c', [1, 2])],
    outputs: [valueInfo('after', [1, 2]), valueInfo('kept', [1, 2])],
    nodes: [
      node('Identity', ['c'], ['d0']),
      ...doubled,
      gemm(['x', 'M'], 'in'),
      gemm(['h', 'S'], 'back'),
      node('Add', ['in', 'back'], ['sum']),
      withInt(node('Split', ['sum'], ['i', 'o', 'f', 'g']), 'axis', 1),
      ...['i', 'o', 'f'].map((gate) => node('Sigmoid', [gate], [`${gate}s`])),
      node('Tanh', ['g'], ['gt']),
      node('Mul', ['fs', 'd64'], ['held']),
      node('Mul', ['is', 'gt'], ['fresh']),
      node('Add', ['held', 'fresh'], ['kept']),
      node('Tanh', ['kept'], ['ct']),
      node('Mul', ['os', 'ct'], ['after']),
    ],
  });
  await assert.rejects(loadBytes(bytes), { code: /^model\./ });
});
