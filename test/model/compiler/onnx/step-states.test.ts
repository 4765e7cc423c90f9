import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStream } from '#src/stream/model-stream.js';
import { model, node, tensor, valueInfo } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const [kernel, recurrent, head] = [[0.3, -0.2, 0.5], 0.6, [2, -1]];

/** One step `h' = tanh(x M + h S)`; the last nodes give `after` and what the model says. */
function step(
  last: readonly ReturnType<typeof node>[],
  outputs: readonly ReturnType<typeof valueInfo>[],
): Uint8Array {
  return model({
    tensors: [
      tensor('M', [3, 1], kernel),
      tensor('S', [1, 1], [recurrent]),
      tensor('V', [1, 2], head),
    ],
    inputs: [valueInfo('before', [1, 1]), valueInfo('x', [1, 3])],
    outputs,
    nodes: [
      node('MatMul', ['x', 'M'], ['in']),
      node('MatMul', ['before', 'S'], ['back']),
      node('Add', ['in', 'back'], ['sum']),
      ...last,
    ],
  });
}

test('one step of a cell of any kind carries the state that goes in and comes out', async () => {
  const plan = await loadBytes(
    step(
      [node('Tanh', ['sum'], ['after']), node('MatMul', ['after', 'V'], ['y'])],
      [valueInfo('after', [1, 1]), valueInfo('y', [1, 2])],
    ),
  );
  assert.deepEqual(
    plan.outputs.map(({ name }) => name),
    ['y'],
  );
  const { stepper } = await openStream(plan, {
    mode: 'continuous',
    engine: 'reference',
  });
  let h = 0;
  for (let n = 0; n < 8; n += 1) {
    const x = [Math.sin(n), Math.cos(n), 0.1 * n];
    h = Math.tanh(x.reduce((sum, one, i) => sum + one * (kernel[i] ?? 0), 0) + recurrent * h);
    const outputs = [...(stepper.push(x) ?? [])];
    assert.ok(head.every((weight, i) => Math.abs((outputs[i] ?? Number.NaN) - weight * h) < 1e-6));
  }
});

test('a step whose state could be one of two outputs is refused by the names of its inputs', () =>
  assert.rejects(
    loadBytes(
      step(
        [node('Tanh', ['sum'], ['after']), node('Sigmoid', ['sum'], ['y'])],
        [valueInfo('after', [1, 1]), valueInfo('y', [1, 1])],
      ),
    ),
    { code: 'model.refused', message: /inputs "before" and "x"/ },
  ));

test('a product of two inputs is no state', () =>
  assert.rejects(
    loadBytes(
      step(
        [node('MatMul', ['sum', 'S'], ['after']), node('MatMul', ['sum', 'V'], ['y'])],
        [valueInfo('after', [1, 1]), valueInfo('y', [1, 2])],
      ),
    ),
    { code: 'model.refused', message: /inputs "before" and "x"/ },
  ));
