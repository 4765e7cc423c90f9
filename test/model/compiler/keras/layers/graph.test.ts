import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '#src/base/errors.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import {
  entryOf,
  fedBy,
  filled,
  functional,
  load,
  weightedLayer,
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

const conv = (name: string, config: Readonly<Record<string, unknown>> = {}): WrittenLayer =>
  weightedLayer(
    'Conv1D',
    { name, filters: 3, kernel_size: [3], strides: [1], padding: 'valid', ...config },
    [3, 3, 3],
    [3],
  );

async function refused(
  layers: readonly WrittenLayer[],
  outputs: readonly string[],
  message: RegExp,
): Promise<void> {
  await assert.rejects(load([inputLayer(8), ...layers], outputs), (error) =>
    message.test(messageOf(error)),
  );
}

test('merge layers compute as Keras defines them', async () => {
  const x = 'input_layer';
  const names = ['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum'];
  const double = weightedLayer('Dense', { name: 'double', units: 3, use_bias: false });
  const doubled = {
    ...double,
    weights: [filled([3, 3], 2, 0, 0, 0)],
  };
  const plan = await load(
    [
      inputLayer(8),
      fedBy(doubled, x),
      ...names.map((name) => fedBy(layer(name, { name }), x, 'double')),
      fedBy(layer('Concatenate', { name: 'all', axis: -1 }), ...names),
    ],
    ['all'],
  );
  const [row] = rowsOf(plan, 'continuous', [[1, -2, 3]]);
  assert.deepEqual(
    row,
    [
      [3, -6, 9],
      [-1, 2, -3],
      [2, 8, 18],
      [1.5, -3, 4.5],
      [2, -2, 6],
      [1, -4, 3],
    ].flat(),
  );
});

/** The modes that are exact for a model whose last layer is "m". */
async function modesOf(layers: readonly WrittenLayer[]): Promise<string[]> {
  const { modes } = await load([inputLayer(8), ...layers], ['m']);
  return Object.entries(modes).flatMap(([mode, { exact }]) => (exact ? [mode] : []));
}

test('merging over the time axis, by broadcasting, or a vector with a sequence', async () => {
  const a = fedBy(conv('a', { padding: 'causal' }), 'input_layer');
  const both = (one: WrittenLayer) => [a, fedBy(one, 'input_layer', 'a')];
  const overTime = layer('Concatenate', { name: 'm', axis: 1 });
  assert.deepEqual(await modesOf(both(overTime)), ['sliding']);
  const narrow = fedBy(denseLayer('n', 3, 1), 'input_layer');
  const repeated = fedBy(layer('Multiply', { name: 'm' }), 'input_layer', 'n');
  assert.deepEqual(await modesOf([narrow, repeated]), ['continuous', 'sequence', 'sliding']);
  const last = fedBy(lstmLayer('l', 3, 3, { return_sequences: false }), 'input_layer');
  const spread = fedBy(layer('Add', { name: 'm' }), 'input_layer', 'l');
  assert.deepEqual(await modesOf([last, spread]), ['sliding']);
  await refused(
    [
      fedBy(denseLayer('w', 3, 2), 'input_layer'),
      fedBy(layer('Add', { name: 'm' }), 'w', 'input_layer'),
    ],
    ['m'],
    /"m" \(Add\): its inputs have 2 and 3 features/,
  );
});

test('inputs that come at other samples are merged only over the whole window', async () => {
  const layers = [
    inputLayer(8),
    fedBy(conv('late'), 'input_layer'),
    fedBy(lstmLayer('a', 3, 2, { return_sequences: false }), 'late'),
    fedBy(lstmLayer('b', 3, 2, { return_sequences: false }), 'input_layer'),
    fedBy(layer('Add', { name: 'm' }), 'a', 'b'),
  ];
  const plan = await load(layers, ['m']);
  for (const mode of ['continuous', 'sequence'] as const) {
    const verdict = plan.modes[mode];
    assert.ok(!verdict.exact);
    assert.equal(verdict.layer, 'm');
    assert.match(verdict.reason, /^Add: its inputs come at different samples/);
  }
  assert.ok(plan.modes.sliding.exact && plan.windowPlan !== null);
  assert.deepEqual(plan.ops, []);
});

test('outputs have names, and must come at the same sample in mode continuous', async () => {
  const even = fedBy(layer('MaxPooling1D', { name: 'even', pool_size: [2] }), 'input_layer');
  const odd = fedBy(layer('MaxPooling1D', { name: 'odd', pool_size: [2] }), 'cut');
  const cut = fedBy(layer('Cropping1D', { name: 'cut', cropping: [1, 0] }), 'input_layer');
  const plan = await load([inputLayer(8), even, cut, odd], ['even', 'odd']);
  assert.deepEqual(
    plan.outputs.map(({ name, size, heldOffset }) => [name, size, heldOffset !== null]),
    [
      ['even', 3, true],
      ['odd', 3, true],
    ],
  );
  assert.ok(!plan.modes.continuous.exact && plan.modes.sequence.exact);
  assert.match(plan.modes.continuous.reason, /layer "odd" never come at the same sample/);
});

const twice = (one: WrittenLayer): WrittenLayer => ({
  ...one,
  outer: { inbound_nodes: [[['input_layer', 0, 0, {}]], [[one.config.name, 0, 0, {}]]] },
});

test('a few layers that ask for endless memory or endless uses are refused', async () => {
  const doubled = Array.from({ length: 40 }, (_, i) => {
    const input = i === 0 ? 'input_layer' : `c${i - 1}`;
    return fedBy(layer('Concatenate', { name: `c${i}` }), input, input);
  });
  await refused(
    [...doubled, fedBy(layer('Rescaling', { name: 'r', scale: 2 }), 'c39')],
    ['r'],
    /one of its tensors would take \d+ MiB/,
  );
  const nestedTwice = (depth: number): WrittenLayer =>
    depth === 0
      ? layer('ELU', { name: 'elu' })
      : {
          class_name: 'Functional',
          config: functional(
            'm',
            [inputLayer(8), twice(nestedTwice(depth - 1))],
            ['input_layer'],
            [[depth === 1 ? 'elu' : 'm', 1, 0]],
          )['config'] as { name: string },
        };
  await refused(
    [fedBy(nestedTwice(16), 'input_layer')],
    ['m'],
    /uses layers more than 16384 times/,
  );
});

test('a layer may be used in several places where it keeps no state', async () => {
  const dense = denseLayer('d', 3, 3);
  const shared = await load([inputLayer(8), twice(dense)], [['d', 1, 0]]);
  const [first, second] = shared.ops;
  assert.ok(first?.kind === 'dense' && second?.kind === 'dense');
  assert.equal(first.kernel, second.kernel);
  assert.equal(shared.layers[1]?.parameters, 12);

  const lstm = await load([inputLayer(8), twice(lstmLayer('l', 3, 3))], [['l', 1, 0]]);
  assert.ok(!lstm.modes.continuous.exact && lstm.modes.sliding.exact);
  assert.match(lstm.modes.continuous.reason, /^LSTM: it keeps a state, and is used in 2 places/);
});

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

const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { keras_history: [name, 0, 0] },
});

const operation = (className: string, name: string, ...args: unknown[]): WrittenLayer => ({
  class_name: className,
  config: { name },
  outer: { module: 'keras.src.ops.numpy', inbound_nodes: [{ args, kwargs: {} }] },
});

test('arithmetic on tensors, as Keras 3 saves it', async () => {
  const x = tensor('input_layer');
  const whole = { class_name: '__slice__', config: { start: null, stop: null, step: null } };
  const plan = await load(
    [
      inputLayer(8),
      operation('Multiply', 'm', x, 2),
      operation('Subtract', 's', 1, tensor('m')),
      operation('TrueDivide', 'd', tensor('s'), 4),
      operation('Add', 'a', tensor('d'), x),
      operation('GetItem', 'last', tensor('a'), [whole, -1]),
    ],
    ['last'],
  );
  assert.deepEqual(rowsOf(plan, 'continuous', [[2, 0, -2]]), [[1.25, 0.25, -0.75]]);
  assert.deepEqual(plan.layers.at(-1)?.outputShape, [3]);
  const some = await load(
    [
      inputLayer(8),
      operation('Power', 'p', x, 2),
      operation('TrueDivide', 'd', 1, tensor('p')),
      operation('Add', 'a', tensor('d'), [1, 2, 3]),
    ],
    ['a'],
  );
  assert.deepEqual(rowsOf(some, 'continuous', [[2, 1, -2]]), [[1.25, 3, 3.25]]);
  const first = await load([inputLayer(8), operation('GetItem', 'g', x, [whole, 0])], ['g']);
  assert.ok(!first.modes.sequence.exact && first.modes.sliding.exact);
  await refused(
    [operation('GetItem', 'g', x, [0])],
    ['g'],
    /"g" \(GetItem\): index .*the first axis is the batch/,
  );
  const power = await load([inputLayer(8), operation('Power', 'p', 2, x)], ['p']);
  const [powers = []] = rowsOf(power, 'continuous', [[2, 0, -1]]);
  assert.deepEqual(
    powers?.map((value) => Number(value.toFixed(5))),
    [4, 1, 0.5],
  );
  await refused(
    [operation('Power', 'p', -2, x)],
    ['p'],
    /"p" \(Power\): a power of a number that is not above 0/,
  );
  await refused(
    [operation('Add', 'p', x, 'one')],
    ['p'],
    /"p" \(Add\): its constant "one" is neither a number nor numbers/,
  );
  await refused(
    [operation('Add', 'p', x, [1, 2])],
    ['p'],
    /"p" \(Add\): a constant of shape \(2\) does not fit/,
  );
});

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

/** A function of TensorFlow as a layer, with its one call as one list. */
function called(name: string, inbound: readonly unknown[]): WrittenLayer {
  return {
    class_name: name === '__operators__.getitem' ? 'SlicingOpLambda' : 'TFOpLambda',
    config: { name: `tf.${name}`, trainable: true, dtype: 'float32', function: name },
    outer: { inbound_nodes: [inbound] },
  };
}

test('functions of TensorFlow, as Keras 2 saves them', async () => {
  const slice = { start: null, stop: null, step: null };
  const layers = [
    inputLayer(8),
    called('math.square', ['input_layer', 0, 0, { name: null }]),
    called('math.reduce_sum', ['tf.math.square', 0, 0, { axis: -1, keepdims: true }]),
    called('math.multiply', ['tf.math.reduce_sum', 0, 0, { y: 2, name: null }]),
    called('__operators__.add', ['tf.math.multiply', 0, 0, { y: ['input_layer', 0, 0] }]),
    called('__operators__.getitem', [
      'tf.__operators__.add',
      0,
      0,
      { slice_spec: [slice, -1, slice] },
    ]),
  ];
  const plan = await load(layers, ['tf.__operators__.getitem'], '2.15.0');
  assert.deepEqual(rowsOf(plan, 'continuous', [[1, 0, 2]]), [[11, 10, 12]]);
  await assert.rejects(
    load(
      [inputLayer(8), called('signal.rfft', ['input_layer', 0, 0, {}])],
      ['tf.signal.rfft'],
      '2.15.0',
    ),
    /"tf.signal.rfft" \(tf.signal.rfft\): tf.signal.rfft operations are not supported/,
  );
});
