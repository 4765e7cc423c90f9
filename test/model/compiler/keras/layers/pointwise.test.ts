import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import type { Activation } from '#src/model/plan/stream-plan.js';
import { filled, load, weightedLayer, rowsOf, samples } from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  layer,
  lstmLayer,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

async function refused(layers: readonly WrittenLayer[], message: RegExp): Promise<void> {
  await assert.rejects(load([inputLayer(4), ...layers]), (error) => message.test(messageOf(error)));
}

async function activationIn(
  one: WrittenLayer,
  kerasVersion = '3.1.0',
): Promise<Activation | undefined> {
  const { ops } = await load([inputLayer(4), one], undefined, kerasVersion);
  const [op] = ops;
  return op?.kind === 'activation' ? op.activation : undefined;
}

test('layers that are an activation, with the options of each version of Keras', async () => {
  const relu = { kind: 'relu', negativeSlope: 0, threshold: 0, maxValue: Infinity };
  const fround = Math.fround;
  for (const [one, expected, version] of [
    [layer('ELU', { name: 'a', alpha: 0.5 }), { kind: 'elu', alpha: 0.5 }],
    [layer('LeakyReLU', { name: 'a', alpha: 0.5 }), { ...relu, negativeSlope: 0.5 }, '2.4.0'],
    [layer('LeakyReLU', { name: 'a' }), { ...relu, negativeSlope: fround(0.3) }],
    [
      layer('ReLU', { name: 'a', max_value: 6, negative_slope: 0.25, threshold: 1 }),
      { kind: 'relu', negativeSlope: 0.25, threshold: 1, maxValue: 6 },
    ],
    [layer('Softmax', { name: 'a', axis: 2 }), { kind: 'softmax' }],
    [
      layer('Activation', { name: 'a', activation: 'leaky_relu' }),
      { ...relu, negativeSlope: fround(0.2) },
    ],
    [layer('Activation', { name: 'a', activation: 'hard_silu' }), { kind: 'hardSilu' }],
    [layer('Activation', { name: 'a', activation: 'mish' }), { kind: 'mish' }],
  ] as const) {
    assert.deepEqual(await activationIn(one, version), expected);
  }
});

test('PReLU has a slope for each step unless the time axis is shared', async () => {
  const shared = await load([
    inputLayer(4),
    weightedLayer('PReLU', { name: 'p', shared_axes: [1] }, [1, 3]),
  ]);
  assert.ok(shared.modes.continuous.exact);
  const own = await load([
    inputLayer(4),
    weightedLayer('PReLU', { name: 'p', shared_axes: null }, [4, 3]),
  ]);
  assert.ok(!own.modes.continuous.exact && own.modes.sliding.exact);
  assert.match(own.modes.continuous.reason, /^PReLU: it has other slopes for each of 4 steps/);
  const both = await load([
    inputLayer(4),
    weightedLayer('PReLU', { name: 'p', shared_axes: [1, 2] }, [1, 1]),
  ]);
  assert.ok(both.ops[0]?.kind === 'prelu' && both.ops[0].alpha.length === 3);
});

test('normalisations become a scale and a shift', async () => {
  const norm: WrittenLayer = {
    class_name: 'BatchNormalization',
    config: { name: 'bn', axis: [2], epsilon: 1, momentum: 0.9, center: true, scale: true },
    weights: [filled([3], 2), filled([3], 5), filled([3], 10), filled([3], 3)],
  };
  const [folded] = (await load([inputLayer(4), norm])).ops;
  assert.ok(folded?.kind === 'affine');
  assert.deepEqual([folded.scale[0], folded.shift[0]], [1, -5]);

  const given = layer('Normalization', { name: 'n', axis: [-1], mean: [1, 2, 3], variance: 4 });
  assert.deepEqual(rowsOf(await load([inputLayer(4), given]), 'continuous', [[3, 6, 9]]), [
    [1, 2, 3],
  ]);
  const adapted: WrittenLayer = {
    class_name: 'Normalization',
    config: { name: 'n', axis: [-1] },
    weights: [filled([3], 1, 2, 3), filled([3], 4), filled([], 9)],
  };
  assert.deepEqual(rowsOf(await load([inputLayer(4), adapted]), 'continuous', [[3, 6, 9]]), [
    [1, 2, 3],
  ]);
  const scaled = layer('Rescaling', { name: 'r', scale: 0.5, offset: [0, 1, 2] });
  assert.deepEqual(rowsOf(await load([inputLayer(4), scaled]), 'continuous', [[2, 4, 6]]), [
    [1, 3, 5],
  ]);
});

const norm = (className: string, axis: unknown): WrittenLayer =>
  weightedLayer(className, { name: 'n', axis }, [4], [4], [4], [4]);

test('refused: what a normalisation does not compute', async () => {
  await refused([norm('Normalization', [1])], /"n" \(Normalization\): axis=\[1\]/);
  await refused(
    [weightedLayer('LayerNormalization', { name: 'n', rms_scaling: true }, [3], [3])],
    /rms_scaling=true/,
  );
  const below: WrittenLayer = {
    class_name: 'BatchNormalization',
    config: { name: 'n' },
    weights: [filled([3], 1), filled([3], 1), filled([3], 1), filled([3], -9)],
  };
  await refused([below], /"n" \(BatchNormalization\): its moving variance is below zero/);
});

test('TimeDistributed applies its layer to every step', async () => {
  const dense = denseLayer('d', 3, 2, { activation: 'relu' });
  const plain = await load([inputLayer(4), dense]);
  const wrapped: WrittenLayer = {
    ...dense,
    class_name: 'TimeDistributed',
    config: { name: 'td', layer: { class_name: 'Dense', config: dense.config } },
  };
  const plan = await load([inputLayer(4), wrapped]);
  assert.deepEqual(rowsOf(plan, 'continuous', samples(3)), rowsOf(plain, 'continuous', samples(3)));
  assert.deepEqual(plan.layers[1]?.outputShape, [4, 2]);
  assert.equal(plan.layers[1]?.weights[0]?.name, 'td/d/kernel');
  const { config } = lstmLayer('inner', 3, 2);
  await refused(
    [weightedLayer('TimeDistributed', { name: 'td', layer: { class_name: 'LSTM', config } })],
    /layer "td\/inner" \(LSTM\): its input has no time axis/,
  );
});
