import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStream } from '#src/stream/model-stream.js';
import {
  model,
  node,
  tensor,
  valueInfo,
  withInt,
  type Written,
} from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';

const input = Array.from({ length: 12 }, (_, n) => [Math.sin(n), Math.cos(2 * n), n / 12]);

/** An RNN of three classes, its h of shape (1, batch, classes), and what is at its end. */
function classes(nodes: readonly Written[], outputs: readonly string[]): Uint8Array {
  const weights = [0.9, -0.4, 0.3, -0.7, 0.8, 0.2, 0.1, 0.5, -0.6];
  return model({
    w: tensor('W', [1, 3, 3], weights),
    r: tensor('R', [1, 3, 3], weights.toReversed()),
    nodes: [node('RNN', ['x', 'W', 'R'], ['all', 'h']), ...nodes],
    outputs: outputs.map((name) => valueInfo(name, [])),
  });
}

async function predicted(bytes: Uint8Array): Promise<number[][]> {
  const plan = await loadBytes(bytes);
  const { stepper } = await openStream(plan, { mode: 'continuous' });
  return input.map((row) => Array.from(stepper.push(row) ?? []));
}

/** The number of the largest. */
function best(row: readonly number[]): number {
  return row.indexOf(Math.max(...row));
}

const argMax = (from: string, to: string, axis: number): Written =>
  withInt(node('ArgMax', [from], [to]), 'axis', axis);

test('ArgMax at the end gives the probability of each class, of which the best is that', async () => {
  const logits = await predicted(classes([node('Identity', ['h'], ['y'])], ['y']));
  const softmax = await predicted(classes([node('Softmax', ['h'], ['y'])], ['y']));
  for (const ends of [
    [argMax('h', 'y', 2)],
    [argMax('h', 'number', 2), node('Cast', ['number'], ['y'])],
  ]) {
    assert.deepEqual(await predicted(classes(ends, ['y'])), softmax);
  }
  assert.deepEqual(softmax.map(best), logits.map(best));
  assert.ok(new Set(softmax.map(best)).size > 1);
});

test('scores that are an output beside their ArgMax are given once', async () => {
  const softmax = withInt(node('Softmax', ['h'], ['y']), 'axis', 2);
  const both = await loadBytes(classes([softmax, argMax('h', 'number', 2)], ['number', 'y']));
  assert.deepEqual(
    both.outputs.map(({ name }) => name),
    ['y'],
  );
});

test('ArgMax over anything but the classes at the end is refused', async () => {
  const overTime = loadBytes(classes([argMax('all', 'y', 0)], ['y']));
  await assert.rejects(overTime, {
    code: 'model.refused',
    message: /node "argmax" \(ArgMax\): it looks for the largest along axis 0/,
  });
  const within = [argMax('h', 'number', 2), node('Add', ['number', 'h'], ['y'])];
  await assert.rejects(loadBytes(classes(within, ['y'])), {
    code: 'model.refused',
    message: /\(ArgMax\): it gives the number of a class in the middle of the model/,
  });
});
