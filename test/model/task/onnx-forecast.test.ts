import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTasks } from '#src/model/task/find-task.js';
import { loadBytes } from '../compiler/onnx/load-bytes.js';
import { model, node, tensor, valueInfo, wholes } from '../files/onnx/onnx-writer.js';

/** Gives the last state of an RNN of three features as `steps` steps of `width` floats, `reshape(-1, steps, width)`. */
function steps(count: number, width: number): Uint8Array {
  const size = count * width;
  return model({
    tensors: [
      tensor(
        'weights',
        [1, size],
        Array.from({ length: size }, (_, i) => i),
      ),
      wholes('axis', [1], [0]),
      wholes('shape', [3], [-1, count, width]),
    ],
    inputs: [valueInfo('x', [4, 1, 3])],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['', 'h']),
      node('Squeeze', ['h', 'axis'], ['state']),
      node('MatMul', ['state', 'weights'], ['flat']),
      node('Reshape', ['flat', 'shape'], ['y']),
    ],
  });
}

test('steps of as many floats as features, other than those of the window, are a forecast', async () => {
  const plan = await loadBytes(steps(6, 3));
  const [output] = plan.outputs;
  assert.deepEqual([output?.shape, output?.rowSteps], [[18], 6]);
  const [found] = findTasks(plan);
  assert.deepEqual([found?.task, found?.isSure], ['forecast', true]);
  assert.match(found?.reason ?? '', /it gives 6 steps of 3 in a row, \(6, 3\) of \(4, 3\)/);
  assert.ok(plan.modes.continuous.exact);
});

for (const [count, width, task] of [
  [6, 2, 'regress'],
  [4, 3, 'reconstruct'],
  [1, 3, 'regress'],
] as const) {
  test(`(${count}, ${width}) of (4, 3) is a guess`, async () => {
    const [found] = findTasks(await loadBytes(steps(count, width)));
    assert.deepEqual([found?.task, found?.isSure], [task, false]);
  });
}
