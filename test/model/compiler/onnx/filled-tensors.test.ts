import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  model,
  node,
  tensor,
  valueInfo,
  wholes,
  withGraph,
  withInt,
} from '../../files/onnx/onnx-writer.js';
import { lastRow, loadBytes } from './load-bytes.js';

/** A model that writes zero over the first step of what an RNN gives. */
function firstWritten(steps: number | string): Uint8Array {
  return model({
    tensors: [wholes('first', [1, 1], [0]), tensor('zero', [1, 1, 1, 1], [0])],
    inputs: [valueInfo('x', [steps, 1, 3])],
    nodes: [node('RNN', ['x', 'W', 'R'], ['h']), node('ScatterND', ['h', 'first', 'zero'], ['y'])],
  });
}

test('an index of a window of any length is not taken for one of another length', async () => {
  const any = await loadBytes(firstWritten('time'), { window: 60 });
  assert.equal(any.layers.at(-1)?.className, 'ScatterND');
  assert.equal(any.modes.sliding.exact, true);
  assert.equal(any.modes.sequence.exact, false);
  const fixed = await loadBytes(firstWritten(8));
  assert.equal(fixed.layers.at(-1)?.className, 'Concat');
  assert.equal(fixed.modes.sliding.exact, true);
});

/** Returns what a model gives of a window of samples `(n / steps, 0, 0)`, with each step of its RNN by itself. */
async function given(
  bytes: Uint8Array,
  window: number,
): Promise<{ readonly row: readonly number[]; readonly states: readonly number[] }> {
  const samples = Array.from({ length: window }, (_, n) => [n / window, 0, 0]);
  const states: number[] = [];
  for (const [reading = 0] of samples) {
    states.push(Math.tanh(0.1 * reading + 0.5 * (states.at(-1) ?? 0)));
  }
  return { row: await lastRow(await loadBytes(bytes, { window }), samples), states };
}

test('nor is one of which the size is computed from such a window', async () => {
  const longer = model({
    tensors: [
      wholes('first', [1, 1], [0]),
      wholes('axis', [1], [0]),
      tensor('zero', [1, 1, 1, 1], [0]),
      tensor('two', [2, 1, 1, 1], [0, 0]),
    ],
    inputs: [valueInfo('x', ['time', 1, 3])],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['h']),
      withInt(node('Concat', ['h', 'two'], ['longer']), 'axis', 0),
      node('ScatterND', ['longer', 'first', 'zero'], ['filled']),
      node('ReduceSum', ['filled', 'axis'], ['y']),
    ],
  });
  const { row, states } = await given(longer, 60);
  const sum = states.slice(1).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs((row[0] ?? Number.NaN) - sum) < 1e-4, `${row[0]}, not ${sum}`);
});

test('two tensors that begin with the same zeros are filled each by itself', async () => {
  const branch = [node('Identity', ['one'], ['own'])];
  const both = model({
    tensors: [
      wholes('yes', [], [1]),
      wholes('first', [1, 1], [0]),
      wholes('axis', [1], [0]),
      tensor('one', [1, 1, 1, 1], [1]),
      tensor(
        'zeros',
        [8, 1, 1, 1],
        Array.from({ length: 8 }, () => 0),
      ),
    ],
    nodes: [
      node('RNN', ['x', 'W', 'R'], ['h']),
      node('ReduceSum', ['h', 'axis'], ['sum']),
      withGraph(node('If', ['yes'], ['from a branch']), 'then_branch', branch, ['own']),
      node('ScatterND', ['zeros', 'first', 'from a branch'], ['a']),
      node('ScatterND', ['zeros', 'first', 'sum'], ['b']),
      node('Add', ['a', 'b'], ['both']),
      node('ReduceSum', ['both', 'axis'], ['y']),
    ],
  });
  const { row, states } = await given(both, 8);
  const sum = states.reduce((a, b) => a + b, 1);
  assert.ok(Math.abs((row[0] ?? Number.NaN) - sum) < 1e-5, `${row[0]}, not ${sum}`);
});
