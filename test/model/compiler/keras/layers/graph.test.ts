import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fedBy,
  filled,
  functional,
  load,
  weightedLayer,
  rowsOf,
  refused,
} from '../../../../support/graph-writer.js';
import {
  denseLayer,
  inputLayer,
  layer,
  lstmLayer,
  type WrittenLayer,
} from '../../../../support/model-writer.js';

const conv = (name: string, config: Readonly<Record<string, unknown>> = {}): WrittenLayer =>
  weightedLayer(
    'Conv1D',
    { name, filters: 3, kernel_size: [3], strides: [1], padding: 'valid', ...config },
    [3, 3, 3],
    [3],
  );

/** The modes that are exact for a model whose last layer is "m". */
async function modesOf(layers: readonly WrittenLayer[]): Promise<string[]> {
  const { modes } = await load([inputLayer(8), ...layers], ['m']);
  return Object.entries(modes).flatMap(([mode, { exact }]) => (exact ? [mode] : []));
}

const twice = (one: WrittenLayer): WrittenLayer => ({
  ...one,
  outer: { inbound_nodes: [[['input_layer', 0, 0, {}]], [[one.config.name, 0, 0, {}]]] },
});

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
