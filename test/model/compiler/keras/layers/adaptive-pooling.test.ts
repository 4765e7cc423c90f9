import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, rowsOf, samples } from '../../../../support/graph-writer.js';
import { inputLayer, layer, type WrittenLayer } from '../../../../support/model-writer.js';

const flat = layer('Flatten', { name: 'flat' });

function adaptive(kind: string, config: Readonly<Record<string, unknown>>): WrittenLayer {
  return layer(`Adaptive${kind}`, { name: 'pool', ...config });
}

async function pooled(kind: string, outputs: number, input: number[][]): Promise<number[]> {
  const pool = adaptive(kind, { output_size: [outputs], data_format: 'channels_last' });
  const plan = await load([inputLayer(input.length, 1), pool, flat]);
  return rowsOf(plan, 'sliding', input).at(-1) ?? [];
}

test('each output is over the steps that its part of the window touches', async () => {
  const five = [[3], [6], [12], [24], [48]];
  assert.deepEqual(await pooled('AveragePooling1D', 2, five), [7, 28]);
  assert.deepEqual(await pooled('MaxPooling1D', 3, [[5], [1], [3], [-2], [-4]]), [5, 3, -2]);
  assert.deepEqual(await pooled('MaxPooling1D', 2, [[-5], [-4], [-3]]), [-4, -3]);
});

test('all steps are pooled to one, each step is itself, and more outputs than steps repeat them', async () => {
  const three = [[3], [6], [12]];
  assert.deepEqual(await pooled('AveragePooling1D', 1, three), [7]);
  assert.deepEqual(await pooled('AveragePooling1D', 3, three), [3, 6, 12]);
  assert.deepEqual(await pooled('AveragePooling1D', 6, three), [3, 3, 6, 6, 12, 12]);
  assert.deepEqual(await pooled('AveragePooling1D', 4, three), [3, 4.5, 9, 12]);
});

test('features may be the first axis', async () => {
  const turned = layer('Permute', { name: 'turned', dims: [2, 1] });
  const back = layer('Permute', { name: 'back', dims: [2, 1] });
  const size = { output_size: [2] };
  const first = adaptive('MaxPooling1D', { ...size, data_format: 'channels_first' });
  const last = adaptive('MaxPooling1D', { ...size, data_format: 'channels_last' });
  const input = samples(5);
  assert.deepEqual(
    rowsOf(await load([inputLayer(5), turned, first, back, flat]), 'sliding', input),
    rowsOf(await load([inputLayer(5), last, flat]), 'sliding', input),
  );
});

test('it needs a whole window, whose length is known', async () => {
  const pool = adaptive('MaxPooling1D', { output_size: [2] });
  const { modes } = await load([inputLayer(5), pool, flat]);
  assert.ok(modes.sliding.exact && !modes.sequence.exact && !modes.continuous.exact);
  assert.equal(modes.continuous.layer, 'pool');
  await assert.rejects(load([inputLayer(null), pool, flat]), /"pool".*give a window/);
});

test('refused: another number of sizes, none, and an option that is not known', async () => {
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ output_size: [2, 2] }, /output_size \[2,2\] is not 1 whole numbers above zero/],
    [{ output_size: [0] }, /output_size \[0\] is not 1 whole numbers above zero/],
    [{ output_size: [2], ceil: true }, /"pool" \(AdaptiveMaxPooling1D\): option ceil=true/],
  ];
  for (const [config, message] of cases) {
    await assert.rejects(load([inputLayer(5), adaptive('MaxPooling1D', config), flat]), message);
  }
});
