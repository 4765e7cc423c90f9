import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import {
  entryOf,
  fedBy,
  filled,
  functional,
  load,
  rowsOf,
  samples,
} from '../../../../support/graph-writer.js';
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

/** A model inside of a model. Its weights are in the order of Keras 2: first all that were trained. */
function nested(order: readonly number[], outputCall: number): WrittenLayer[] {
  const norm: WrittenLayer = {
    class_name: 'BatchNormalization',
    config: { name: 'bn' },
    weights: [weight(3), weight(3), weight(3), filled([3], 2)],
  };
  const frozen = denseLayer('frozen', 3, 2, { trainable: false });
  const lstm = lstmLayer('lstm', 2, 2);
  const inner = functional(
    'inner',
    [inputLayer(8), fedBy(norm, 'input_layer'), fedBy(frozen, 'bn'), fedBy(lstm, 'frozen')],
    ['input_layer'],
    ['lstm'],
  );
  const all = [norm, frozen, lstm].flatMap(({ weights = [] }) => weights);
  return [
    { ...inputLayer(8), config: { ...inputLayer(8).config, name: 'x' } },
    fedBy(
      {
        class_name: 'Functional',
        config: { ...(inner['config'] as { name: string }) },
        weights: order.flatMap((i) => all[i] ?? []),
      },
      'x',
    ),
    {
      ...denseLayer('head', 2, 1),
      outer: { inbound_nodes: [[['inner', outputCall, 0, {}]]] },
    },
  ];
}

// Order of the layers' own lists: bn has gamma 0, beta 1, mean 2 and variance 3, frozen 4 and 5, lstm 6 to 8.
const listed = [0, 1, 6, 7, 8, 2, 3, 4, 5];

/** A model of two outputs in a dict, as Keras writes it (3.15.1, and 2 alike). */
function withDict(name: string): WrittenLayer & { config: Record<string, unknown> } {
  const layers = [
    layer('InputLayer', { name: 'x', batch_shape: [null, 4, 3] }),
    fedBy(lstmLayer('memory', 3, 2), 'x'),
    fedBy(denseLayer('s', 2, 1), 'memory'),
    fedBy(denseLayer('a', 2, 3), 'memory'),
  ];
  const { config } = functional(name, layers, ['x'], ['s', 'a']) as {
    config: Record<string, unknown>;
  };
  const dicts = {
    input_layers: { x: ['x', 0, 0] },
    output_layers: { speed: ['s', 0, 0], activity: ['a', 0, 0] },
  };
  const weights = layers.flatMap((one) => one.weights ?? []);
  return { class_name: 'Functional', config: { ...config, name, ...dicts }, weights };
}

test('a nested model: its names, its weights in Keras’ order, its uses counted from one', async () => {
  const plan: StreamPlan = await load(nested(listed, 1), ['head'], '2.9.0');
  assert.deepEqual(
    plan.layers.map(({ name, parameters }) => [name, parameters]),
    [
      ['x', 0],
      ['inner/bn', 12],
      ['inner/frozen', 8],
      ['inner/lstm', 40],
      ['head', 3],
    ],
  );
  assert.deepEqual(plan.state[0], {
    layer: 'inner/lstm',
    layerIndex: 1,
    role: 'h',
    offset: 0,
    size: 2,
  });
  assert.deepEqual((await load(nested(listed, 0), ['head'], '2.9.0')).ops, plan.ops);
  await assert.rejects(
    load(nested([0, 1, 2, 3, 4, 5, 6, 7, 8], 1), ['head'], '2.9.0'),
    /layer "inner\/(lstm|bn|frozen)".* should have shape/,
  );
});

test('models may stand in models, in a Sequential too', async () => {
  const deep = {
    class_name: 'Sequential',
    config: {
      name: 'middle',
      layers: [
        {
          class_name: 'Sequential',
          config: {
            name: 'deep',
            layers: [entryOf(layer('ELU', { name: 'elu' })), entryOf(denseLayer('d', 3, 2))],
          },
        },
      ],
    },
    weights: denseLayer('d', 3, 2).weights ?? [],
  };
  const plan = await load([inputLayer(8), deep]);
  assert.deepEqual(
    plan.ops.map((op) => op.layer),
    ['middle/deep/elu', 'middle/deep/d'],
  );
});

test('outputs in a dict have its keys as names, in the order of the keys', async () => {
  const { class_name, config } = withDict('heads');
  const layers = [lstmLayer('memory', 3, 2), denseLayer('s', 2, 1), denseLayer('a', 2, 3)];
  const architecture = { class_name, config };
  const plan = await loadBytes(await kerasHdf5({ kerasVersion: '3.15.1', layers, architecture }));
  assert.deepEqual(
    plan.outputs.map(({ name, size }) => [name, size]),
    [
      ['activity', 3],
      ['speed', 1],
    ],
  );
  const inList = await load(
    [
      layer('InputLayer', { name: 'x', batch_shape: [null, 4, 3] }),
      fedBy(lstmLayer('memory', 3, 2), 'x'),
      fedBy(denseLayer('s', 2, 1), 'memory'),
      fedBy(denseLayer('a', 2, 3), 'memory'),
    ],
    ['a', 's'],
  );
  const input = samples(4);
  assert.deepEqual(rowsOf(plan, 'continuous', input), rowsOf(inList, 'continuous', input));
});

test('a model inside of a model gives the outputs of its dict in the order of the keys', async () => {
  // Keras 3.15.1 refers to output "activity" as tensor 0, though the dict begins with "speed".
  const plan = await load(
    [
      layer('InputLayer', { name: 'x', batch_shape: [null, 4, 3] }),
      fedBy(withDict('inner'), 'x'),
      fedBy(layer('Identity', { name: 'first' }), 'inner:0'),
      fedBy(layer('Identity', { name: 'second' }), 'inner:1'),
    ],
    ['first', 'second'],
  );
  assert.deepEqual(
    plan.outputs.map(({ size }) => size),
    [3, 1],
  );
});
