import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStream } from '#src/stream/model-stream.js';
import { model, node, tensor, valueInfo } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const numbers = [1, 2, 3, 4, 5, 6];
const [scale, ...statistics] = ['scale', 'bias', 'mean', 'variance'];

for (const [operator, count] of [
  ['LayerNormalization', 1],
  ['BatchNormalization', 3],
] as const) {
  const weights = [scale, ...statistics.slice(0, count)];
  test(`${operator} of a flattened window needs the whole of it`, async () => {
    const bytes = model({
      tensors: [tensor('M', [6, 1], numbers), ...weights.map((name) => tensor(name, [6], numbers))],
      inputs: [valueInfo('x', ['batch', 'time', 2])],
      nodes: [
        node('Flatten', ['x'], ['flat']),
        node(operator, ['flat', ...weights], ['normal']),
        node('MatMul', ['normal', 'M'], ['y']),
      ],
    });
    const plan = await loadBytes(bytes, { window: 3 });
    for (const mode of ['continuous', 'sequence'] as const) {
      const verdict = plan.modes[mode];
      assert.ok(!verdict.exact);
      assert.match(verdict.reason, /over the whole of a flattened window/);
    }
    const { stepper } = await openStream(plan, { mode: 'sliding' });
    const outputs = [0, 1, 2].map((n) => stepper.push([n, n * n])?.[0]);
    assert.equal(outputs[1], undefined);
    assert.ok(Number.isFinite(outputs[2]));
  });
}
