import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modes } from '#src/model/plan/stream-plan.js';
import { fedBy, load, rowsOf, samples, weightedLayer } from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  kerasHdf5,
  layer,
  loadBytes,
  lstmLayer,
  weight,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

function inputOf(...shape: readonly (number | null)[]): WrittenLayer {
  return layer('InputLayer', { name: 'input_layer', batch_shape: [null, ...shape] });
}

const flat = layer('Flatten', { name: 'flat' });
const lstm = lstmLayer('lstm', 3, 2, { return_sequences: false });

const convOf = (format: string): WrittenLayer => ({
  class_name: 'Conv1D',
  config: { name: 'conv', filters: 2, kernel_size: [2], data_format: format, use_bias: false },
  weights: [weight(2, 3, 2)],
});

const entry = (className: string, config: Readonly<Record<string, unknown>>) => ({
  class_name: className,
  config: { name: className.toLowerCase(), ...config },
});

const gridConv = (config: Readonly<Record<string, unknown>>, ...shape: number[]): WrittenLayer =>
  weightedLayer(
    'Conv2D',
    { name: 'conv', filters: 2, kernel_size: [2, 2], use_bias: false, ...config },
    shape,
  );

test('a flat window is that of the samples, in every mode in which the model is exact', async () => {
  const input = samples(9);
  const reshaped = await load([
    inputOf(12),
    layer('Dropout', { name: 'dropout', rate: 0.1 }),
    layer('Reshape', { name: 'shape', target_shape: [-1, 3] }),
    lstm,
  ]);
  const plain = await load([inputLayer(4), lstm]);
  assert.deepEqual([reshaped.window, reshaped.features], [4, 3]);
  for (const mode of modes) {
    assert.deepEqual(rowsOf(reshaped, mode, input), rowsOf(plain, mode, input));
  }
});

test('a flat input without a Reshape is one sample, or the window that is asked for', async () => {
  const layers = [inputOf(12), denseLayer('dense', 12, 2)];
  const one = await load(layers);
  assert.deepEqual([one.window, one.features], [1, 12]);
  const file = await kerasHdf5({ kerasVersion: '3.1.0', layers });
  const four = await loadBytes(file, { window: 4 });
  assert.deepEqual([four.window, four.features], [4, 3]);
  const input = samples(4);
  const [row] = rowsOf(one, 'sliding', [input.flat()]);
  const last = rowsOf(four, 'sliding', input).at(-1) ?? [];
  for (const [i, value] of last.entries()) {
    assert.ok(Math.abs(value - (row?.[i] ?? 0)) < 1e-6);
  }
  await assert.rejects(loadBytes(file, { window: 5 }), {
    code: 'model.mode',
    message: /12 floats are no window of 5 steps/,
  });
});

test('an input of one axis that a recurrent layer begins with stays a state', async () => {
  const states = ['h', 'c'].map((name) => layer('InputLayer', { name, batch_shape: [null, 2] }));
  const fed = fedBy(lstmLayer('lstm', 3, 2, { return_state: true }), 'input_layer', 'h', 'c');
  const plan = await load(
    [inputLayer(null), ...states, fed],
    ['lstm', ['lstm', 0, 1], ['lstm', 0, 2]],
  );
  assert.equal(plan.features, 3);
  assert.deepEqual(plan.outputs.length, 1);
});

test('the samples of an input of several axes are what such a shape is used for', async () => {
  const conv = weightedLayer(
    'Conv2D',
    { name: 'conv', filters: 1, kernel_size: [1, 1], use_bias: false },
    [1, 1, 1, 1],
  );
  const shapeOf = async (shape: readonly number[], ...first: readonly WrittenLayer[]) => {
    const { window, features } = await load([inputOf(...shape), ...first, flat]);
    return [window, features];
  };
  assert.deepEqual(await shapeOf([6, 3, 1], conv), [6, 3]);
  assert.deepEqual(await shapeOf([1, 6, 3]), [6, 3]);
  const inParts = layer('TimeDistributed', {
    name: 'each',
    layer: layer('MaxPooling1D', { name: 'pool', pool_size: [2], strides: [2] }),
  });
  assert.deepEqual(await shapeOf([2, 6, 3], inParts), [12, 3]);
  const file = await kerasHdf5({
    kerasVersion: '3.1.0',
    layers: [inputOf(null, 6, 3), inParts, layer('TimeDistributed', { name: 'f', layer: flat })],
  });
  await assert.rejects(loadBytes(file), /give a window, a multiple of 6 steps/);
  const plan = await loadBytes(file, { window: 18 });
  assert.deepEqual([plan.window, plan.features], [18, 3]);
});

test('features that are the first axis are computed as if they were the last', async () => {
  const turned = layer('Permute', { name: 'turned', dims: [2, 1] });
  const back = layer('Permute', { name: 'back', dims: [2, 1] });
  const first = await load([inputLayer(5), turned, convOf('channels_first'), back, flat]);
  const last = await load([inputLayer(5), convOf('channels_last'), flat]);
  const input = samples(5);
  assert.deepEqual(rowsOf(first, 'sliding', input), rowsOf(last, 'sliding', input));
  await assert.rejects(
    load([inputLayer(5), convOf('sideways')]),
    /data_format "sideways" is not known/,
  );
});

test('TimeDistributed takes a layer that is not over single features to each step by itself', async () => {
  const inner = {
    class_name: 'Sequential',
    config: {
      name: 'inner',
      layers: [
        entry('InputLayer', { batch_shape: [null, 4] }),
        entry('Reshape', { target_shape: [2, 2] }),
        entry('Permute', { dims: [2, 1] }),
        entry('Flatten', {}),
      ],
    },
  };
  const plan = await load([
    inputLayer(3, 4),
    layer('TimeDistributed', { name: 'each', layer: inner }),
    flat,
  ]);
  const input = samples(3, 4);
  const expected = input.flatMap(([a, b, c, d]) => [a, c, b, d].map((x) => Math.fround(x ?? 0)));
  assert.deepEqual(rowsOf(plan, 'sliding', input).at(-1), expected);
});

test('refused: axes, kernels and sizes that do not fit', async () => {
  const cases: readonly (readonly [WrittenLayer, RegExp])[] = [
    [
      gridConv({ kernel_size: [9, 1] }, 9, 1, 1, 2),
      /an axis of 6 is shorter than what it looks at/,
    ],
    [gridConv({ kernel_size: [2, 2, 2] }, 8), /kernel_size \[2,2,2\] is not 2 whole numbers/],
    [gridConv({ groups: 2 }, 8), /1 features and 2 filters do not make 2 groups/],
    [gridConv({ padding: 'causal' }, 8), /padding "causal" is not known/],
    [
      layer('UpSampling2D', { name: 'up', size: [2, 2], interpolation: 'bilinear' }),
      /"up" \(UpSampling2D\): interpolation="bilinear"/,
    ],
    [layer('UpSampling2D', { name: 'up', size: [2 ** 20, 2 ** 20] }), /MiB of memory/],
    [layer('ZeroPadding2D', { name: 'pad', padding: [2 ** 20, 2 ** 20] }), /MiB of memory/],
    [layer('MaxPooling3D', { name: 'pool' }), /has 3 axes beside the batch, and it takes 4/],
  ];
  for (const [tested, message] of cases) {
    await assert.rejects(load([inputOf(6, 3, 1), tested, flat]), message);
  }
});
