import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call,
  model,
  node,
  ownFunction,
  withFunctions,
  withGraph,
  withInt,
  withReference,
  wholes,
  type Written,
} from '../../files/onnx/onnx-writer.js';
import { lastRow, loadBytes } from './load-bytes.js';

/** A function that is called 2^17 times, by one that calls another twice, and so on. */
function doubling(first: Written): readonly Written[] {
  const others = Array.from({ length: 17 }, (_, i) =>
    ownFunction(`F${i + 1}`, [call(`F${i}`, 'a', 'half'), call(`F${i}`, 'half', 'b')]),
  );
  return [first, ...others];
}

const rnn = node('RNN', ['x', 'W', 'R'], ['', 'h']);

test('the nodes of functions are counted at each call, those of branches and calls of nothing too', async () => {
  const last = call('F17', 'h', 'y');
  const tanh = ownFunction('F0', [node('Tanh', ['a'], ['b'])]);
  const nothing = ownFunction('F0', [], 'a');
  const branch = withGraph(node('If', ['yes'], ['y']), 'then_branch', [last], ['y']);
  const tensors = [wholes('yes', [], [1])];
  const files = [
    withFunctions(model({ nodes: [rnn, last] }), doubling(tanh)),
    withFunctions(model({ nodes: [rnn, last] }), doubling(nothing)),
    withFunctions(model({ nodes: [rnn, branch], tensors }), doubling(tanh)),
  ];
  for (const file of files) {
    await assert.rejects(loadBytes(file), {
      code: 'model.refused',
      message: /its graph has \d+ nodes, with those of the functions .* more than 100000/,
    });
  }
});

/** Returns what a model gives of 8 samples. */
async function given(bytes: Uint8Array): Promise<readonly number[]> {
  const samples = Array.from({ length: 8 }, (_, n) => [Math.sin(n), Math.cos(n), 0.1 * n]);
  return lastRow(await loadBytes(bytes), samples);
}

/** The nodes of an RNN of sums, which another node gives. */
function ofSums(first: Written): readonly Written[] {
  return [first, node('RNN', ['sums', 'W', 'R'], ['', 'y'])];
}

test("an attribute of a call is known in the branches of the function's nodes", async () => {
  const tensors = [wholes('axis', [], [2])];
  const inBranch = ownFunction('Sums', [
    withInt(node('Constant', [], ['yes']), 'value_int', 1),
    withInt(node('Constant', [], ['axis']), 'value_int', 2),
    withGraph(
      node('If', ['yes'], ['b']),
      'then_branch',
      [withReference(node('CumSum', ['a', 'axis'], ['sums']), 'exclusive', 'without')],
      ['sums'],
    ),
  ]);
  const own = withInt(node('CumSum', ['x', 'axis'], ['sums']), 'exclusive', 1);
  const called = withInt(call('Sums', 'x', 'sums'), 'without', 1);
  assert.deepEqual(
    await given(withFunctions(model({ nodes: ofSums(called), tensors }), [inBranch])),
    await given(model({ nodes: ofSums(own), tensors })),
  );
});

test('a name that a call or a branch gives again is told by its node', async () => {
  const identity = ownFunction('F0', [node('Identity', ['a'], ['b'])]);
  const branch = withGraph(node('If', ['yes'], ['y']), 'then_branch', [], ['h']);
  const tensors = [wholes('yes', [], [1])];
  const twice = [node('Tanh', ['h'], ['y']), node('Identity', ['y'], ['z'])];
  const files: readonly (readonly [Written, RegExp])[] = [
    [call('F0', 'h', 'y'), /node "f0" \(F0\): it gives "y", which is given already/],
    [branch, /node "if" \(If\): it gives "y", which is given already/],
  ];
  for (const [last, message] of files) {
    const bytes = withFunctions(model({ nodes: [rnn, ...twice, last], tensors }), [identity]);
    await assert.rejects(loadBytes(bytes), { code: 'model.malformed', message });
  }
});
