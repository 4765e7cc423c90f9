import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import { load, rowsOf } from '../../../../support/graph-writer.js';
import { inputLayer, type WrittenLayer } from '../../../../support/model-writer.js';

const tensor = (name: string, index = 0) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4, 3], dtype: 'float32', keras_history: [name, 0, index] },
});

/** An operation as Keras 3 writes it. */
function operation(
  className: string,
  name: string,
  args: readonly unknown[],
  config: Readonly<Record<string, unknown>> = {},
  kwargs: Readonly<Record<string, unknown>> = {},
): WrittenLayer {
  return {
    class_name: className,
    config: { name, ...config },
    outer: { module: 'keras.src.ops.numpy', inbound_nodes: [{ args, kwargs }] },
  };
}

const input = { ...inputLayer(4), config: { ...inputLayer(4).config, name: 'x' } };
const x = tensor('x');

async function last(
  operations: readonly WrittenLayer[],
  rows: readonly (readonly number[])[],
  output: string | readonly [string, number, number] = operations.at(-1)?.config.name ?? '',
): Promise<readonly number[] | null | undefined> {
  const plan: StreamPlan = await load([input, ...operations], [output]);
  return rowsOf(plan, 'sliding', rows).at(-1);
}

const window = [
  [9, 9, 9],
  [1, 2, 3],
  [4, 5, 6],
  [-1, 0, 2],
];

test('comparisons, logic and what is chosen by them', async () => {
  const greater = operation('Greater', 'greater', [x, 0]);
  assert.deepEqual(await last([greater], window), [0, 0, 1]);
  assert.deepEqual(await last([operation('GreaterEqual', 'a', [x, 0])], window), [0, 1, 1]);
  assert.deepEqual(await last([operation('Less', 'a', [0, x])], window), [0, 0, 1]);
  assert.deepEqual(await last([operation('LessEqual', 'a', [x, 0])], window), [1, 1, 0]);
  assert.deepEqual(await last([operation('Equal', 'a', [x, 0])], window), [0, 1, 0]);
  const small = operation('Less', 'small', [x, 1]);
  const both = [greater, small].map(({ config }) => tensor(config.name));
  const of = (name: string) => last([greater, small, operation(name, 'a', both)], window);
  assert.deepEqual(await of('LogicalAnd'), [0, 0, 0]);
  assert.deepEqual(await of('LogicalOr'), [1, 1, 1]);
  assert.deepEqual(await of('LogicalXor'), [1, 1, 1]);
  const where = operation('Where', 'where', [tensor('greater'), x, -5]);
  assert.deepEqual(await last([greater, where], window), [-5, -5, 2]);
  const all = operation('All', 'all', [tensor('small')], { axis: -1, keepdims: true });
  assert.deepEqual(await last([small, all], window), [0]);
  const largest = operation('Argmax', 'largest', [x], { axis: 1, keepdims: false });
  assert.deepEqual(await last([largest], window), [0, 0, 0]);
});

test('refused: arithmetic with nothing but truths, and a choice by what is none', async () => {
  const greater = operation('Greater', 'greater', [x, 0]);
  const twice = operation('Add', 'twice', [tensor('greater'), tensor('greater')]);
  await assert.rejects(
    load([input, greater, twice], ['twice']),
    /"twice" \(Add\): arithmetic with nothing but what comparisons give.* cast it to float32/,
  );
  const where = operation('Where', 'where', [x, x, 0]);
  await assert.rejects(load([input, where], ['where']), /only what a comparison gives/);
});

test('refused: a choice between branches of which the other one may be no finite number', async () => {
  const greater = operation('Greater', 'greater', [x, 0]);
  const guard = operation('Maximum', 'guard', [x, 0.5]);
  const where = operation('Where', 'where', [tensor('greater'), tensor('branch'), x]);
  const given = [
    operation('Sqrt', 'branch', [x]),
    operation('Log', 'branch', [x]),
    operation('Divide', 'branch', [1, x]),
  ];
  for (const branch of given) {
    await assert.rejects(
      load([input, greater, branch, where], ['where']),
      /"where" \(Where\): a branch is a root, a logarithm or a quotient/,
    );
  }
  const root = operation('Sqrt', 'branch', [tensor('guard')]);
  assert.deepEqual(await last([greater, guard, root, where], [...window, [-1, 0, 4]]), [-1, 0, 2]);
});

test('axes are arranged as NumPy does it', async () => {
  const of = (name: string, config: Readonly<Record<string, unknown>>, ...args: unknown[]) =>
    last([operation(name, 'a', [x, ...args], config)], window);
  assert.deepEqual(await of('Roll', { shift: 1, axis: -1 }), [2, -1, 0]);
  assert.deepEqual(await of('Roll', { shift: -1, axis: 1 }), [9, 9, 9]);
  assert.deepEqual(await of('Take', { axis: -1 }, [-1, 0]), [2, -1]);
  assert.deepEqual(await of('Repeat', { repeats: [0, 2, 1], axis: -1 }), [0, 0, 2]);
  assert.deepEqual(await of('Tile', { repeats: [1, 1, 2] }), [-1, 0, 2, -1, 0, 2]);
  assert.deepEqual(await of('Diff', { n: 1, axis: 1 }), [-5, -5, -4]);
  assert.deepEqual(await of('Cumsum', { axis: 1, dtype: null }), [13, 16, 20]);
  const pad = {
    pad_width: [
      [0, 0],
      [0, 0],
      [1, 1],
    ],
  };
  assert.deepEqual(await of('Pad', { ...pad, mode: 'reflect' }), [0, -1, 0, 2, 0]);
  const parts = operation('Split', 'parts', [x], { indices_or_sections: [1], axis: -1 });
  assert.deepEqual(await last([parts], window, ['parts', 0, 1]), [0, 2]);
  await assert.rejects(of('Take', { axis: -1 }, [3]), /beyond an axis of 3/);
  await assert.rejects(of('Roll', { shift: 1, axis: 0 }), /axis 0 is the batch/);
  await assert.rejects(of('Repeat', { repeats: 2 ** 40, axis: -1 }), /is not supported/);
  await assert.rejects(of('Split', { indices_or_sections: 2, axis: -1 }), /does not make 2 parts/);
});
