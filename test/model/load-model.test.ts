import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import {
  architectureOf,
  denseLayer,
  inputLayer,
  kerasArchive,
  kerasHdf5,
  layer,
  loadBytes,
  lstmLayer,
  seedModel,
  type WrittenModel,
} from '../support/model-writer.js';

test('a .keras becomes operations, state and a summary', async () => {
  const plan = await loadBytes(await kerasArchive(seedModel()));
  assert.equal(plan.origin, 'Keras 3.15.1, .keras');
  assert.deepEqual([plan.features, plan.window], [3, 4]);
  assert.deepEqual(
    plan.ops.map(({ kind, layer: name, input, output }) => [kind, name, input, output]),
    [
      ['lstm', 'lstm', 0, 1],
      ['activation', 'leaky', 1, 2],
      ['lstm', 'second', 2, 3],
      ['timeDense', 'head', 3, 4],
    ],
  );
  assert.deepEqual(plan.valueSizes, [3, 5, 5, 2, 1]);
  const output = {
    name: 'head',
    value: 4,
    size: 1,
    shape: [1],
    heldOffset: null,
    holdsOffset: null,
  };
  assert.deepEqual(plan.outputs, [output]);
  assert.equal(plan.windowPlan, null);
  assert.deepEqual(
    plan.state.map((tensor) => [tensor.layer, tensor.layerIndex, tensor.role, tensor.offset]),
    [
      ['lstm', 0, 'h', 0],
      ['lstm', 0, 'c', 5],
      ['second', 3, 'h', 10],
      ['second', 3, 'c', 12],
      ['head', 5, 'accumulator', 14],
      ['head', 5, 'counter', 15],
    ],
  );
  assert.equal(plan.laneStateSize, 16);
  assert.deepEqual(
    plan.layers.map(({ name, outputShape, parameters, streaming }) => [
      name,
      outputShape,
      parameters,
      streaming,
    ]),
    [
      ['input_layer', [4, 3], 0, 'input'],
      ['lstm', [4, 5], 180, 'state carried'],
      ['leaky', [4, 5], 0, 'pointwise'],
      ['dropout', [4, 5], 0, 'identity'],
      ['second', [4, 2], 64, 'state carried'],
      ['flatten', [8], 0, 'sum over time'],
      ['head', [1], 9, 'sum over time'],
    ],
  );
  const [, lstm] = plan.layers;
  assert.deepEqual(lstm?.weights[1], { name: 'lstm/recurrent_kernel', shape: [5, 20] });
});

test('every kind of file gives the same plan, however it is written and compressed', async () => {
  const model = seedModel();
  const plan = await loadBytes(await kerasArchive(model));
  const old = '_layer_checkpoint_dependencies';
  const others = [
    await kerasArchive(model, { level: 6 }),
    await kerasArchive(model, { group: old }),
    await kerasArchive(model, { group: old, every: 2 }),
    await kerasArchive(model, { group: old, every: 2, separator: '\\' }),
    await kerasHdf5(model),
  ];
  for (const bytes of others) {
    const { ops, modes } = await loadBytes(bytes);
    assert.deepEqual(ops, plan.ops);
    assert.deepEqual(modes, plan.modes);
  }
});

test('a configuration of Keras 2 gives the same plan as one of Keras 3', async () => {
  const { layers } = seedModel();
  const old = layers.map((one) => {
    if (one.class_name === 'LeakyReLU') {
      return layer('LeakyReLU', { name: 'leaky', alpha: 0.25 });
    }
    const { batch_shape: shape, ...config } = one.config;
    return shape === undefined
      ? one
      : Object.assign({}, one, { config: { ...config, batch_input_shape: shape } });
  });
  const model = { kerasVersion: '2.4.0-tf', layers: old };
  const expected = await loadBytes(await kerasArchive(seedModel()));
  assert.deepEqual((await loadBytes(await kerasHdf5(model))).ops, expected.ops);

  const [, first, ...rest] = old;
  assert.ok(first !== undefined);
  const implied = { ...first, config: { ...first.config, batch_input_shape: [null, 4, 3] } };
  const withoutInput = await kerasHdf5({ ...model, layers: [implied, ...rest] });
  assert.deepEqual((await loadBytes(withoutInput)).ops, expected.ops);
});

for (const [version, slope] of [
  ['3.0.0', Math.fround(1 / 6)],
  ['2.15.0', Math.fround(0.2)],
] as const) {
  test(`hard_sigmoid of Keras ${version}`, async () => {
    const lstm = lstmLayer('lstm', 3, 2, { recurrent_activation: 'hard_sigmoid' });
    const { ops } = await loadBytes(
      await kerasArchive({ kerasVersion: version, layers: [inputLayer(4), lstm] }),
    );
    assert.ok(ops[0]?.kind === 'lstm');
    assert.deepEqual(ops[0].recurrentActivation, { kind: 'hardSigmoid', slope, offset: 0.5 });
  });
}

test('an activation may be a layer of its own', async () => {
  const activation = { class_name: 'LeakyReLU', config: { name: 'x', negative_slope: 0.5 } };
  const layers = [inputLayer(null), denseLayer('dense', 3, 2, { activation })];
  const { ops } = await loadBytes(await kerasArchive({ kerasVersion: '3.1.0', layers }));
  assert.equal(ops.length, 1);
  const relu = { kind: 'relu', negativeSlope: 0.5, threshold: 0, maxValue: Infinity };
  assert.ok(ops[0]?.kind === 'dense');
  assert.deepEqual(ops[0].activation, relu);
});

test('a configuration with the bare words NaN and Infinity is read', async () => {
  const model: WrittenModel = {
    kerasVersion: '3.1.0',
    layers: [
      inputLayer(null),
      layer('ReLU', { name: 'NaN "Infinity"', max_value: 7, threshold: 9 }),
    ],
  };
  const config = JSON.stringify(architectureOf(model))
    .replace('"max_value":7', '"max_value":Infinity')
    .replace('"threshold":9', '"threshold":-Infinity');
  const plan = await loadBytes(await kerasArchive(model, { config }));
  assert.equal(plan.ops[0]?.layer, 'NaN "Infinity"');
  assert.ok(plan.ops[0]?.kind === 'activation');
  assert.ok(plan.ops[0].activation.kind === 'relu');
  assert.deepEqual(
    [plan.ops[0].activation.maxValue, plan.ops[0].activation.threshold],
    [Infinity, -Infinity],
  );
});

test('a training configuration with unknown metrics is not looked at', async () => {
  const architecture = architectureOf(seedModel());
  const config = JSON.stringify({
    ...(architecture as object),
    compile_config: { loss: 'my_loss', metrics: [{ class_name: 'Custom>F1', config: {} }] },
  });
  await loadBytes(await kerasArchive(seedModel(), { config }));
});

/** One graph as each version of Keras writes it. The layers are not in the order of computation. */
function functional(spelling: 2 | 3): WrittenModel {
  const node = (...from: string[]) =>
    spelling === 2
      ? [from.map((name) => [name, 0, 0, {}])]
      : [
          {
            args: from.map((name) => ({
              class_name: '__keras_tensor__',
              config: { shape: [null, 5, 3], dtype: 'float32', keras_history: [name, 0, 0] },
            })),
            kwargs: { training: false, mask: null },
          },
        ];
  const layers = [
    {
      ...denseLayer('head', 4, 2, { activation: 'softmax' }),
      outer: { inbound_nodes: node('lstm') },
    },
    { ...inputLayer(5), outer: { inbound_nodes: [] } },
    { ...denseLayer('aside', 4, 1), outer: { inbound_nodes: node('lstm') } },
    {
      ...lstmLayer('lstm', 3, 4, { return_sequences: false }),
      outer: { inbound_nodes: node('input_layer') },
    },
  ];
  const config = {
    name: 'branches',
    layers: layers.map(({ class_name, config: own, outer }) => ({
      class_name,
      config: { ...own, trainable: true, dtype: 'float32' },
      ...outer,
    })),
    input_layers: spelling === 2 ? [['input_layer', 0, 0]] : ['input_layer', 0, 0],
    output_layers: [
      ['aside', 0, 0],
      ['head', 0, 0],
    ],
  };
  return {
    kerasVersion: spelling === 2 ? '2.15.0' : '3.15.1',
    layers,
    architecture: { class_name: spelling === 2 ? 'Model' : 'Functional', config },
  };
}

test('the layers of a functional model may stand in any order', async () => {
  const plan: StreamPlan = await loadBytes(await kerasArchive(functional(3)));
  assert.deepEqual(
    plan.ops.map((op) => op.layer),
    ['lstm', 'head', 'aside'],
  );
  assert.deepEqual(
    plan.outputs.map(({ name, size }) => [name, size]),
    [
      ['aside', 1],
      ['head', 2],
    ],
  );
  assert.equal(plan.state[0]?.layerIndex, 3);
  for (const bytes of [await kerasHdf5(functional(2)), await kerasHdf5(functional(3))]) {
    assert.deepEqual((await loadBytes(bytes)).ops, plan.ops);
  }
});

test('a window is given to a model that takes any number of steps, and only to that', async () => {
  const model = { kerasVersion: '3.1.0', layers: [inputLayer(null), lstmLayer('lstm', 3, 2)] };
  const bytes = await kerasArchive(model);
  const free = await loadBytes(bytes);
  assert.equal(free.window, null);
  assert.ok(free.modes.continuous.exact && !free.modes.sequence.exact && !free.modes.sliding.exact);
  assert.match(free.modes.sliding.reason, /any number of steps; give a window/);
  const fixed = await loadBytes(bytes, { window: 30 });
  assert.equal(fixed.window, 30);
  assert.ok(fixed.modes.sliding.exact);
  await assert.rejects(loadBytes(await kerasArchive(seedModel()), { window: 5 }), (error) =>
    /"input_layer" takes windows of 4 steps/.test(messageOf(error)),
  );
});
