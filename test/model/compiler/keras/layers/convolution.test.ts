import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import { filled, load, weightedLayer, rowsOf, samples } from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  layer,
  lstmLayer,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

function conv(config: Readonly<Record<string, unknown>> = {}): WrittenLayer {
  return weightedLayer(
    'Conv1D',
    {
      name: 'conv',
      filters: 2,
      kernel_size: [3],
      strides: [1],
      padding: 'valid',
      groups: 1,
      ...config,
    },
    [3, 3, 2],
    [2],
  );
}

async function refused(layers: readonly WrittenLayer[], message: RegExp): Promise<void> {
  await assert.rejects(load([inputLayer(8), ...layers]), (error) => message.test(messageOf(error)));
}

test('convolutions: shapes as Keras has them, outputs when they are complete', async () => {
  for (const [config, shape, first, stride] of [
    [{}, [6, 2], 2, 1],
    [{ padding: 'causal' }, [8, 2], 0, 1],
    [{ strides: [2] }, [3, 2], 2, 2],
    [{ dilation_rate: 2 }, [4, 2], 4, 1],
    [{ padding: 'causal', strides: 3 }, [3, 2], 0, 3],
  ] as const) {
    const plan = await load([inputLayer(8), conv(config)]);
    assert.deepEqual(plan.layers[1]?.outputShape, shape);
    const rows = rowsOf(plan, 'continuous', samples(12));
    assert.deepEqual(
      rows.flatMap((row, n) => (row === null ? [] : [n])),
      Array.from({ length: 12 }, (_, n) => n).filter(
        (n) => n >= first && (n - first) % stride === 0,
      ),
    );
    assert.equal(plan.outputs[0]?.heldOffset === null, first === 0 && stride === 1);
    assert.ok(plan.modes.sequence.exact && plan.modes.sliding.exact && plan.windowPlan === null);
  }
});

test('padding that looks ahead delays a stream, is exact over a window, and is refused in mode sequence', async () => {
  const plan = await load([inputLayer(8), conv({ padding: 'same' }), lstmLayer('l', 2, 2)]);
  assert.equal(plan.layers[1]?.streaming, 'ring of 2 steps, 1 samples behind');
  assert.ok(plan.modes.continuous.exact && plan.modes.sliding.exact && plan.windowPlan !== null);
  assert.ok(!plan.modes.sequence.exact);
  assert.equal(plan.modes.sequence.layer, 'conv');
  assert.match(plan.modes.sequence.reason, /^Conv1D: its padding looks 1 step ahead/);
  // A window gives its last output, of 8; a stream has come to the one before it at that sample.
  const window = samples(8);
  const [, , , , , , , whole] = rowsOf(plan, 'sliding', window);
  const stream = rowsOf(plan, 'continuous', [...window, [0, 0, 0]]);
  assert.deepEqual(whole, stream.at(-1));
});

const pad = (padding: readonly number[]) => layer('ZeroPadding1D', { name: 'pad', padding });

test('ZeroPadding1D is the padding of the convolution after it; before any other layer it needs the window', async () => {
  const causal = await load([inputLayer(8), conv({ padding: 'causal' })]);
  const padded = await load([inputLayer(8), pad([2, 0]), conv()]);
  assert.deepEqual(padded.ops, causal.ops);
  assert.deepEqual(padded.layers[1]?.outputShape, [10, 3]);
  const other = await load([inputLayer(8), pad([1, 0]), lstmLayer('l', 3, 2)]);
  assert.ok(!other.modes.continuous.exact && other.modes.sliding.exact);
  assert.equal(other.modes.continuous.layer, 'pad');
  assert.match(other.modes.continuous.reason, /^ZeroPadding1D: before anything but a convolution/);
});

test('depthwise and separable convolutions compute as Keras defines them', async () => {
  const config = {
    name: 'c',
    kernel_size: [2],
    strides: [1],
    padding: 'valid',
    depth_multiplier: 2,
  };
  const [depthwise] = (
    await load([inputLayer(8), weightedLayer('DepthwiseConv1D', config, [2, 3, 2], [6])])
  ).ops;
  assert.ok(depthwise?.kind === 'conv');
  assert.deepEqual([depthwise.groups, depthwise.kernel.length], [3, 12]);
  const separable = await load([
    inputLayer(8),
    weightedLayer(
      'SeparableConv1D',
      { ...config, filters: 4, activation: 'relu' },
      [2, 3, 2],
      [1, 6, 4],
      [4],
    ),
  ]);
  assert.deepEqual(
    separable.ops.map(({ kind }) => kind),
    ['conv', 'dense'],
  );
  assert.equal(separable.layers[1]?.parameters, 12 + 24 + 4);
});

test('pools compute as Keras defines them; global ones are not exact in mode continuous', async () => {
  const pool = layer('AveragePooling1D', { name: 'p', pool_size: [2], strides: null });
  const plan = await load([inputLayer(8), pool]);
  const rows = rowsOf(plan, 'continuous', [
    [1, 1, 1],
    [3, 5, 7],
    [0, 0, 0],
  ]);
  assert.deepEqual(rows, [null, [2, 3, 4], null]);
  const global = await load([inputLayer(2), layer('GlobalMaxPooling1D', { name: 'g' })]);
  assert.ok(!global.modes.continuous.exact);
  assert.match(global.modes.continuous.reason, /^GlobalMaxPooling1D: it is over all steps/);
  assert.deepEqual(
    rowsOf(global, 'sequence', [
      [1, 2, 3],
      [3, 2, 1],
      [0, 0, 0],
    ]),
    [
      [1, 2, 3],
      [3, 2, 3],
      [0, 0, 0],
    ],
  );
});

const pool = (className: string) =>
  layer(className, { name: 'p', pool_size: [3], strides: [2], padding: 'same' });

test('a pool that reaches beyond the window counts the steps that are there', async () => {
  const mean = await load([
    inputLayer(4, 1),
    pool('AveragePooling1D'),
    layer('Flatten', { name: 'f' }),
  ]);
  const window = [[1], [2], [6], [10]];
  assert.deepEqual(rowsOf(mean, 'sliding', window).at(-1), [3, 8]);
  const most = await load([
    inputLayer(4, 1),
    pool('MaxPooling1D'),
    layer('Flatten', { name: 'f' }),
  ]);
  assert.deepEqual(
    rowsOf(
      most,
      'sliding',
      window.map(([x = 0]) => [-x]),
    ).at(-1),
    [-1, -6],
  );
});

test('Flatten after a convolution is a sum over the steps that are left', async () => {
  const head: WrittenLayer = {
    class_name: 'Dense',
    config: { name: 'head', units: 1, use_bias: false },
    weights: [filled([12, 1], 1)],
  };
  const plan = await load([inputLayer(8), conv(), layer('Flatten', { name: 'flat' }), head]);
  const [, sum] = plan.ops;
  assert.ok(sum?.kind === 'timeDense' && sum.kernel.length === 12);
  assert.ok(!plan.modes.continuous.exact);
  assert.equal(plan.modes.continuous.layer, 'flat');
  assert.match(
    plan.modes.continuous.reason,
    /^Flatten: layer "head" has other weights for each of 6/,
  );
});

test('refused: windows that are too short, and padding that depends on an unknown number of steps', async () => {
  await refused(
    [conv({ dilation_rate: 4 })],
    /"conv" \(Conv1D\): its 8 steps are fewer than the 9/,
  );
  await refused([conv({ groups: 2 })], /3 features and 2 filters do not make 2 groups/);
  const same = conv({ padding: 'same', strides: [2] });
  await assert.rejects(load([inputLayer(null), same]), /padding="same" with a stride hangs on/);
  await refused(
    [denseLayer('d', 3, 2), layer('Permute', { name: 'p', dims: [3, 1] })],
    /"p" \(Permute\): dims/,
  );
});
