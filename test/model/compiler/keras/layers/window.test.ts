import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import { filled, load, rowsOf, samples } from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  layer,
  lstmLayer,
  weight,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

function bidirectional(
  config: Readonly<Record<string, unknown>> = {},
  inner: Readonly<Record<string, unknown>> = {},
): WrittenLayer {
  const forward = lstmLayer('forward_lstm', 3, 2, inner);
  const weights = forward.weights ?? [];
  return {
    class_name: 'Bidirectional',
    config: {
      name: 'both',
      merge_mode: 'concat',
      layer: { class_name: 'LSTM', config: forward.config },
      ...config,
    },
    weights: [...weights, ...weights],
  };
}

function onlySliding(plan: StreamPlan, layerName: string, reason: RegExp): void {
  for (const mode of ['continuous', 'sequence'] as const) {
    const verdict = plan.modes[mode];
    assert.ok(!verdict.exact);
    assert.equal(verdict.layer, layerName);
    assert.match(verdict.reason, reason);
  }
  assert.ok(plan.modes.sliding.exact && plan.windowPlan !== null);
}

test('Bidirectional computes the window forwards and backwards', async () => {
  const plan = await load([inputLayer(5), bidirectional({}, { return_sequences: false })]);
  onlySliding(plan, 'both', /^Bidirectional: it also runs from the end/);
  assert.deepEqual(plan.layers[1]?.outputShape, [4]);
  assert.equal(plan.layers[1]?.streaming, 'whole window');
  const alone = await load([inputLayer(5), lstmLayer('l', 3, 2, { return_sequences: false })]);
  const window = samples(5);
  const forward = rowsOf(alone, 'sequence', window).at(-1) ?? [];
  const backward = rowsOf(alone, 'sequence', window.toReversed()).at(-1) ?? [];
  assert.deepEqual(rowsOf(plan, 'sliding', window).at(-1), [...forward, ...backward]);

  const close = async (merge: string, of: (a: number, b: number) => number): Promise<void> => {
    const config = { merge_mode: merge };
    const merged = await load([inputLayer(5), bidirectional(config, { return_sequences: false })]);
    const row = rowsOf(merged, 'sliding', window).at(-1) ?? [];
    for (const [i, value] of row.entries()) {
      assert.ok(Math.abs(value - of(forward[i] ?? 0, backward[i] ?? 0)) < 1e-6);
    }
  };
  await close('sum', (a, b) => a + b);
  await close('mul', (a, b) => a * b);
  await close('ave', (a, b) => (a + b) / 2);
});

test('Bidirectional over sequences puts the backward steps into the order of time', async () => {
  const plan = await load([inputLayer(5), bidirectional({}, { return_sequences: true })]);
  assert.deepEqual(plan.layers[1]?.outputShape, [5, 4]);
  const alone = await load([inputLayer(1), lstmLayer('l', 3, 2)]);
  const window = samples(5);
  const row = rowsOf(plan, 'sliding', window).at(-1) ?? [];
  // At the last step the backward layer has seen only that step.
  assert.deepEqual(row.slice(2), rowsOf(alone, 'sequence', window.slice(4)).at(-1));
});

const refused = async (
  layers: readonly WrittenLayer[],
  message: RegExp,
  steps: number | null = 5,
) => {
  await assert.rejects(load([inputLayer(steps), ...layers]), (error) =>
    message.test(messageOf(error)),
  );
};

test('refused: options of Bidirectional that are not supported', async () => {
  await refused(
    [bidirectional({ merge_mode: 'max' })],
    /"both" \(Bidirectional\): merge_mode="max" is not supported/,
  );
  await refused([bidirectional()], /no mode is exact .*"both".*give a window/, null);
  await refused([bidirectional(), layer('Lambda', { name: 'code' })], /"code" \(Lambda\)/);
});

test('RepeatVector changes nothing in a model of one step, and needs the window in others', async () => {
  const encoder = lstmLayer('encoder', 3, 2, { return_sequences: false });
  const layers = (n: number) => [
    encoder,
    layer('RepeatVector', { name: 'repeat', n }),
    lstmLayer('decoder', 2, 2),
  ];
  const one = await load([inputLayer(1), ...layers(1)]);
  assert.ok(one.modes.continuous.exact && one.windowPlan === null);
  const many = await load([inputLayer(5), ...layers(5)]);
  onlySliding(many, 'repeat', /^RepeatVector: it makes a sequence of 5 steps/);
  assert.deepEqual(many.layers.at(-1)?.outputShape, [5, 2]);
  // The layer after RepeatVector begins anew in each window, so that its state is not the stream's.
  onlySliding(await load([inputLayer(5), ...layers(1)]), 'repeat', /a sequence of 1 step of/);
});

const reshape = (target: readonly number[]) =>
  layer('Reshape', { name: 'r', target_shape: target });

test('Reshape and Permute need the window where they take steps apart, and only there', async () => {
  const lstm = lstmLayer('l', 6, 2);
  const halves = await load([inputLayer(4), reshape([2, 6]), lstm]);
  onlySliding(halves, 'r', /^Reshape: to \(2, 6\)/);
  const same = await load([inputLayer(4), reshape([-1, 3]), lstmLayer('l', 3, 2)]);
  assert.ok(same.modes.continuous.exact);
  const flat = await load([inputLayer(4), reshape([12]), denseLayer('d', 12, 1)]);
  assert.ok(!flat.modes.continuous.exact && flat.modes.sequence.exact);
  assert.match(flat.modes.continuous.reason, /^Reshape: layer "d" has other weights/);
  const turned = await load([
    inputLayer(4),
    layer('Permute', { name: 'p', dims: [2, 1] }),
    lstmLayer('l', 4, 2),
  ]);
  onlySliding(turned, 'p', /^Permute: /);
  const normed = await load([
    inputLayer(4),
    layer('Flatten', { name: 'f' }),
    {
      class_name: 'BatchNormalization',
      config: { name: 'bn' },
      weights: [weight(12), weight(12), weight(12), filled([12], 2)],
    },
  ]);
  onlySliding(normed, 'bn', /^BatchNormalization: it is over the steps of a window/);
  const soft = await load([
    inputLayer(4),
    layer('Flatten', { name: 'f' }),
    layer('Activation', { name: 'soft', activation: 'softmax' }),
  ]);
  onlySliding(soft, 'soft', /^Activation: a softmax over the whole flattened window/);
  onlySliding(
    await load([inputLayer(4), layer('Flatten', { name: 'f' })]),
    'f',
    /^Flatten: at the end/,
  );
});

const crop = (cropping: readonly number[]) => layer('Cropping1D', { name: 'c', cropping });

test('Cropping1D: the first steps are passed over; the last need the window', async () => {
  const front = await load([inputLayer(4), crop([2, 0])]);
  assert.deepEqual(
    rowsOf(front, 'continuous', samples(3)).map((row) => row !== null),
    [false, false, true],
  );
  const back = await load([inputLayer(4), crop([0, 1])]);
  assert.ok(back.modes.continuous.exact && back.modes.sliding.exact);
  assert.ok(!back.modes.sequence.exact);
  assert.match(back.modes.sequence.reason, /^Cropping1D: it drops the last 1 step/);
  assert.deepEqual(rowsOf(back, 'sliding', samples(4)).at(-1), samples(4)[2]?.map(Math.fround));
});
