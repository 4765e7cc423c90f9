import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import type { ModelSource, StoredWeight } from '#src/model/source/model-source.js';
import {
  counted,
  legacyHdf5,
  readBytes,
  type WrittenLayers,
} from '../../../support/hdf5-writer.js';

interface Entry {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function entry(className: string, name: string, config: object = {}): Entry {
  return { class_name: className, config: { name, ...config } };
}

async function read(
  layers: readonly Entry[],
  weights: WrittenLayers['weights'] = { none: [] },
  attributes: WrittenLayers['attributes'] = {},
): Promise<ModelSource> {
  const architecture = { class_name: 'Sequential', config: layers };
  return readBytes(await legacyHdf5({ architecture, attributes, weights }));
}

async function entriesOf(layers: readonly Entry[], version?: string): Promise<Entry[]> {
  const source = await read(
    layers,
    undefined,
    version === undefined ? {} : { keras_version: version },
  );
  return (source.architecture as { config: Entry[] }).config;
}

function all(source: ModelSource, name: string): StoredWeight[] {
  const layer = source.weights.layer(name, '');
  const weights: StoredWeight[] = [];
  for (let weight = layer.next(''); weight !== undefined; weight = layer.next('')) {
    weights.push(weight);
  }
  return weights;
}

function values(source: ModelSource, name: string): [readonly number[], number[]][] {
  return all(source, name).map(({ shape, data }) => [shape, [...data]]);
}

/** W (2, 1), U (1, 1) and b (1) of each gate. Those of gate n are 10 n and 10 n + 1, 10 n + 2, and 10 n + 3. */
function perGate(gates: string, prefix = ''): WrittenLayers['weights'][string] {
  return gates
    .split('')
    .flatMap((gate, n) => [
      counted(`${prefix}cell_W_${gate}`, [2, 1], 10 * n),
      counted(`${prefix}cell_U_${gate}`, [1, 1], 10 * n + 2),
      counted(`${prefix}cell_b_${gate}`, [1], 10 * n + 3),
    ]);
}

const lstm = entry('LSTM', 'cell', { output_dim: 1, inner_activation: 'hard_sigmoid' });
const lstmArrays = [
  [
    [2, 4],
    [0, 20, 10, 30, 1, 21, 11, 31],
  ],
  [
    [1, 4],
    [2, 22, 12, 32],
  ],
  [[4], [3, 23, 13, 33]],
];

test('Keras 1: a file without version has an array for each gate, those of the LSTM in the order i, c, f, o', async () => {
  const source = await read([lstm], { cell: perGate('icfo') });
  assert.deepEqual([source.kerasVersion, source.kerasMajor], ['1', 2]);
  assert.deepEqual(values(source, 'cell'), lstmArrays);
  const gru = await read([entry('GRU', 'cell')], { cell: perGate('zrh') });
  assert.deepEqual(values(gru, 'cell'), [
    [
      [2, 3],
      [0, 10, 20, 1, 11, 21],
    ],
    [
      [1, 3],
      [2, 12, 22],
    ],
    [[3], [3, 13, 23]],
  ]);
});

test('Keras 1: arrays of all gates are left as they are, and wrappers are converted by the layer inside', async () => {
  const whole = [counted('W', [2, 4]), counted('U', [1, 4]), counted('b', [4])];
  const source = await read([lstm], { cell: whole }, { keras_version: '1.2.2' });
  assert.equal(source.kerasVersion, '1.2.2');
  assert.deepEqual(
    values(source, 'cell'),
    whole.map(({ shape, data }) => [shape, data]),
  );
  const both = entry('Bidirectional', 'both', { layer: lstm });
  const twice = await read([both], { both: [...perGate('icfo'), ...perGate('icfo', 'back_')] });
  assert.deepEqual(values(twice, 'both'), [...lstmArrays, ...lstmArrays]);
});

test('Keras 1: the kernel of a convolution has four axes, in two orders', async () => {
  const conv = entry('Convolution1D', 'conv', { nb_filter: 3, filter_length: 2 });
  const kernel = [counted('W', [2, 1, 4, 3]), counted('b', [3])];
  const expected = counted('', [2, 4, 3]).data;
  const source = await read([conv], { conv: kernel });
  assert.deepEqual(values(source, 'conv')[0], [[2, 4, 3], expected]);

  const older = counted('W', [3, 4, 2, 1]);
  const data = Array.from(older.data);
  for (let step = 0; step < 2; step += 1) {
    for (let input = 0; input < 4; input += 1) {
      for (let filter = 0; filter < 3; filter += 1) {
        data[(filter * 4 + input) * 2 + step] = expected[(step * 4 + input) * 3 + filter] ?? -1;
      }
    }
  }
  const second = await read([conv], { conv: [{ ...older, data }] });
  assert.deepEqual(values(second, 'conv')[0], [[2, 4, 3], expected]);

  await assert.rejects(read([conv], { conv: [counted('W', [5, 1, 4, 3])] }), /fits no Conv1D/);
});

test("Theano: the steps of a convolution's kernel are in reverse order, in any version", async () => {
  const conv = entry('Conv1D', 'conv', { filters: 2, kernel_size: [3] });
  const attributes = { keras_version: '2.0.8', backend: 'theano' };
  const source = await read([conv], { conv: [counted('kernel', [3, 1, 2])] }, attributes);
  assert.deepEqual(values(source, 'conv')[0], [
    [3, 1, 2],
    [4, 5, 2, 3, 0, 1],
  ]);
  const other = { keras_version: '2.0.8', backend: 'tensorflow' };
  const unturned = await read([conv], { conv: [counted('kernel', [3, 1, 2])] }, other);
  assert.deepEqual(values(unturned, 'conv')[0]?.[1], [0, 1, 2, 3, 4, 5]);
});

function modelOf(inner: Entry): Entry {
  return entry('Sequential', 'inner', { layers: [inner] });
}

test('Keras 1: a model inside of the model is refused where its weights would change', async () => {
  const weights = { inner: [counted('W', [1])] };
  await assert.rejects(read([modelOf(lstm)], weights), (error) => {
    assert.ok(error instanceof LstmdError);
    assert.match(error.message, /layer "inner" \(Sequential\): a model inside of the model/);
    return error.code === 'model.refused';
  });
  const source = await read([modelOf(entry('Dense', 'd'))], weights);
  assert.deepEqual(values(source, 'inner'), [[[1], [0]]]);
});

test('Keras 1: every option gets its later name', async () => {
  const [conv, recurrent, pool, dense, drop, merge, norm, wrapper, embedding] = await entriesOf([
    entry('AtrousConvolution1D', 'a', {
      nb_filter: 4,
      filter_length: 3,
      border_mode: 'same',
      subsample_length: 2,
      atrous_rate: 1,
      bias: false,
      input_dtype: 'float32',
    }),
    entry('GRU', 'g', {
      output_dim: 5,
      inner_activation: 'relu',
      init: 'one',
      inner_init: 'one',
      forget_bias_init: 'one',
      consume_less: 'cpu',
      dropout_W: 0.1,
      dropout_U: 0.2,
      U_regularizer: null,
    }),
    entry('MaxPooling1D', 'p', { pool_length: 2, stride: 2, border_mode: 'valid' }),
    entry('TimeDistributedDense', 'd', { output_dim: 2, W_constraint: null }),
    entry('Dropout', 'o', { p: 0.5 }),
    entry('Merge', 'm', { mode: 'concat', concat_axis: -1, output_mask: null }),
    entry('BatchNormalization', 'n', { mode: 0, gamma_init: 'one' }),
    entry('TimeDistributed', 't', { layer: entry('Dense', 'i', { output_dim: 3 }) }),
    entry('Embedding', 'e', { output_dim: 3 }),
  ]);
  assert.deepEqual(
    conv,
    entry('Conv1D', 'a', {
      filters: 4,
      kernel_size: 3,
      padding: 'same',
      strides: 2,
      dilation_rate: 1,
      use_bias: false,
      dtype: 'float32',
    }),
  );
  assert.deepEqual(
    recurrent,
    entry('GRU', 'g', {
      units: 5,
      recurrent_activation: 'relu',
      kernel_initializer: 'one',
      recurrent_initializer: 'one',
      dropout: 0.1,
      recurrent_dropout: 0.2,
      recurrent_regularizer: null,
      reset_after: false,
    }),
  );
  assert.deepEqual(
    pool,
    entry('MaxPooling1D', 'p', { pool_size: 2, strides: 2, padding: 'valid' }),
  );
  assert.deepEqual(dense, entry('Dense', 'd', { units: 2, kernel_constraint: null }));
  assert.deepEqual(drop, entry('Dropout', 'o', { rate: 0.5 }));
  assert.deepEqual(merge, entry('Concatenate', 'm', { axis: -1 }));
  assert.deepEqual(norm, entry('BatchNormalization', 'n', { gamma_initializer: 'one' }));
  assert.deepEqual(
    wrapper,
    entry('TimeDistributed', 't', { layer: entry('Dense', 'i', { units: 3 }) }),
  );
  assert.deepEqual(embedding, entry('Embedding', 'e', { output_dim: 3 }));
});

test('Keras 1: modes without a successor are refused by name', async () => {
  await assert.rejects(
    entriesOf([entry('Merge', 'm', { mode: 'dot' })]),
    /layer "m" \(Merge\): mode "dot" of Keras 1/,
  );
  await assert.rejects(
    entriesOf([entry('BatchNormalization', 'n', { mode: 1 })]),
    /layer "n" \(BatchNormalization\): mode 1 of Keras 1/,
  );
});

test('Keras 2: class names of TensorFlow 1 are known, and a GRU without reset_after', async () => {
  const layers = await entriesOf(
    [
      entry('UnifiedLSTM', 'a'),
      entry('UnifiedGRU', 'b', { reset_after: true }),
      entry('BatchNormalizationV1', 'c'),
      entry('BatchNormalizationV2', 'd'),
      entry('GRU', 'e', { output_dim: 3 }),
    ],
    '2.1.6-tf',
  );
  assert.deepEqual(layers, [
    entry('LSTM', 'a'),
    entry('GRU', 'b', { reset_after: true }),
    entry('BatchNormalization', 'c'),
    entry('BatchNormalization', 'd'),
    entry('GRU', 'e', { output_dim: 3, reset_after: false }),
  ]);
  const current = await entriesOf([entry('GRU', 'e')], '3.1.0');
  assert.deepEqual(current, [entry('GRU', 'e')]);
});
