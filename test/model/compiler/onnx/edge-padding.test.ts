import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, node, valueInfo, withInt, withInts, wholes } from '../../files/onnx/onnx-writer.js';
import { lastRow, loadBytes } from './load-bytes.js';

/** `torch.cat([x[:, :1].repeat(1, 2, 1), x], 1)`, then an RNN, for the axes (batch, time, features). */
function padded(axes: readonly (string | number)[]): Uint8Array {
  return model({
    tensors: [
      wholes('from', [1], [0]),
      wholes('to', [1], [1]),
      wholes('axis', [1], [1]),
      wholes('repeats', [3], [1, 2, 1]),
    ],
    inputs: [valueInfo('x', axes)],
    nodes: [
      node('Slice', ['x', 'from', 'to', 'axis'], ['first']),
      node('Tile', ['first', 'repeats'], ['edge']),
      withInt(node('Concat', ['edge', 'x'], ['longer']), 'axis', 1),
      withInts(node('Transpose', ['longer'], ['turned']), 'perm', [1, 0, 2]),
      node('RNN', ['turned', 'W', 'R'], ['', 'y']),
    ],
  });
}

for (const axes of [
  [1, 4, 3],
  ['batch', 'time', 3],
]) {
  test(`a window (${axes.join(', ')}) padded with its first step is still one in time`, async () => {
    const plan = await loadBytes(padded(axes), { window: 4 });
    assert.match(plan.origin, /input \(batch, time, features\)/);
    const readings = [3, 1, 4, 2];
    const [given] = await lastRow(
      plan,
      readings.map((reading) => [reading, 0, 0]),
    );
    let state = 0;
    for (const reading of [3, 3, ...readings]) {
      state = Math.tanh(0.1 * reading + 0.5 * state);
    }
    assert.ok(Math.abs((given ?? Number.NaN) - state) < 1e-6, `${given}, not ${state}`);
  });
}
