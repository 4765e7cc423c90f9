import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { LstmdError, type ErrorCode } from '#src/base/errors.js';
import type { LayerWeights } from '#src/model/source/model-source.js';
import { isObject } from '#src/base/json.js';
import { floats, readFolder, tfjsFiles, type WrittenFolder } from '../../../support/tfjs-writer.js';

const entry = (className: string, name: string, config: object = {}) => ({
  class_name: className,
  config: { name, ...config },
});
const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { layers } });
const lstm = entry('LSTM', 'lstm', { units: 2 });
const dense = entry('Dense', 'head', { units: 1 });
const saved = { ...sequential(lstm, dense), keras_version: 'tfjs-layers 4.22.0' };
const weights = [
  floats('lstm/kernel', [3, 8]),
  floats('lstm/recurrent_kernel', [2, 8], 100),
  floats('lstm/bias', [8], 200),
  floats('head/kernel', [2, 1], 300),
  floats('head/bias', [1], 400),
];
const seed: WrittenFolder = { topology: saved, groups: [weights] };

async function read(written: WrittenFolder) {
  return (await readFolder(tfjsFiles(written))).source;
}

function refused(code: ErrorCode, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LstmdError, String(error));
    assert.match(error.message, message);
    return error.code === code;
  };
}

/** The first number of every weight of a layer, which tells the weights apart. */
function firsts(layer: LayerWeights): number[] {
  const values: number[] = [];
  for (let weight = layer.next(''); weight !== undefined; weight = layer.next('')) {
    values.push(weight.data[0] ?? Number.NaN);
  }
  return values;
}

test('what tfjs saved, and what the converter wrote, in shards cut through the weights', async () => {
  const converted = { keras_version: '2.1.5', backend: 'x', model_config: sequential(lstm, dense) };
  const spellings: [WrittenFolder, string][] = [
    [seed, '2 (tfjs-layers 4.22.0)'],
    [{ ...seed, shardBytes: 13 }, '2 (tfjs-layers 4.22.0)'],
    [{ topology: converted, groups: [weights.slice(3), weights.slice(0, 3)] }, '2.1.5'],
  ];
  for (const [written, version] of spellings) {
    const source = await read(written);
    assert.deepEqual([source.kerasVersion, source.kerasMajor], [version, 2]);
    assert.ok(isObject(source.architecture));
    assert.equal(source.architecture['class_name'], 'Sequential');
    const kernel = source.weights.layer('lstm', 'LSTM');
    const first = kernel.next('cell');
    assert.deepEqual([first?.path, first?.shape], ['lstm/kernel', [3, 8]]);
    assert.deepEqual(
      [...(first?.data ?? [])],
      Array.from({ length: 24 }, (_, i) => i),
    );
    assert.deepEqual(firsts(kernel), [100, 200]);
    assert.deepEqual(source.weights.unread().toSorted(), ['head/bias', 'head/kernel']);
    assert.deepEqual(firsts(source.weights.layer('head', 'Dense')), [300, 400]);
    assert.deepEqual(source.weights.unread(), []);
  }
});

test('model.json can be named instead of its folder; the hash covers the shards', async () => {
  const files = tfjsFiles({ ...seed, shardBytes: 200 });
  const model = await readFolder(files, 'model.json');
  const whole = Buffer.concat([...files.values()]);
  assert.equal(model.sha256, createHash('sha256').update(whole).digest('hex'));
  assert.equal((await readFolder(files)).sha256, model.sha256);
});

test('quantized weights are scaled back to floats', async () => {
  const quantized = [
    {
      ...floats('lstm/kernel', [3]),
      quantization: { dtype: 'uint8', scale: 0.5, min: -1, original_dtype: 'float32' },
      bytes: Uint8Array.of(0, 2, 255),
    },
    {
      ...floats('lstm/bias', [2]),
      quantization: { dtype: 'uint16', scale: 2, min: 0 },
      bytes: Uint8Array.of(1, 0, 0, 1),
    },
    {
      ...floats('head/kernel', [1]),
      quantization: { dtype: 'float16', original_dtype: 'float32' },
      bytes: Uint8Array.of(0, 0x3c),
    },
  ];
  const source = await read({ topology: saved, groups: [quantized] });
  const layer = source.weights.layer('lstm', 'LSTM');
  assert.deepEqual([...(layer.next('')?.data ?? [])], [-1, 0, 126.5]);
  const bias = layer.next('');
  assert.deepEqual([[...(bias?.data ?? [])], bias?.type], [[2, 512], 'float32']);
  assert.deepEqual(firsts(source.weights.layer('head', 'Dense')), [1]);
});

test('a layer has its own weights in its own order, wherever they stand', async () => {
  const norm = entry('BatchNormalization', 'norm');
  const second = entry('BatchNormalization', 'norm/2');
  const inner = { ...sequential(entry('Dense', 'inner')), name: 'encoder' };
  const encoder = { ...inner, config: { ...inner.config, name: 'encoder' } };
  const source = await read({
    topology: sequential(norm, second, encoder, entry('Dense', 'outer')),
    groups: [
      [
        floats('norm/gamma', [1], 1),
        floats('norm/beta', [1], 2),
        floats('norm/2/gamma', [1], 11),
        floats('norm/2/beta', [1], 12),
        floats('inner/kernel', [1], 21),
        floats('encoder/outer/kernel', [1], 22),
        floats('outer/kernel', [1], 31),
        floats('norm/moving_mean', [1], 3),
        floats('norm/2/moving_mean', [1], 13),
        floats('norm/moving_variance', [1], 4),
      ],
    ],
  });
  const { weights: store } = source;
  assert.deepEqual(firsts(store.layer('norm', 'BatchNormalization')), [1, 2, 3, 4]);
  assert.deepEqual(firsts(store.layer('norm/2', 'BatchNormalization')), [11, 12, 13]);
  const nested = store.layer('encoder', 'Sequential').nested?.('');
  assert.ok(nested);
  assert.deepEqual(firsts(nested.layer('inner', 'Dense')), [21]);
  assert.deepEqual(firsts(nested.layer('outer', 'Dense')), [22]);
  assert.deepEqual(firsts(store.layer('outer', 'Dense')), [31]);
  assert.deepEqual(store.unread(), []);
});

test('a model of Keras 3 was converted with the paths of its archive for names', async () => {
  const written = [
    floats('layers/dense/vars/0', [1], 1),
    floats('layers/dense_1/vars/0', [1], 2),
    floats('layers/dropout/seed_generator/vars/0', [1], 3),
    floats('optimizer/vars/0', [1], 4),
  ];
  const topology = { keras_version: '3.4.0', model_config: sequential() };
  const source = await read({ topology, groups: [written] });
  assert.equal(source.kerasMajor, 2);
  assert.deepEqual(firsts(source.weights.layer('a', 'Dense')), [1]);
  assert.deepEqual(firsts(source.weights.layer('b', 'Dense')), [2]);
  assert.deepEqual(source.weights.unread(), []);
});

test('a configuration in camelCase is read, with the defaults of TensorFlow.js', async () => {
  const source = await read({
    topology: {
      className: 'Sequential',
      config: {
        name: 'keptName',
        layers: [
          {
            className: 'LSTM',
            config: { name: 'keptName', batchInputShape: [null, 4, 3], activation: 'hardSigmoid' },
          },
          {
            className: 'RNN',
            config: { name: 'r', cell: { className: 'GRUCell', config: { resetAfter: true } } },
          },
          { className: 'GRU', config: { name: 'g', dataFormat: 'channelsLast' } },
        ],
      },
    },
    groups: [],
  });
  assert.deepEqual(source.architecture, {
    class_name: 'Sequential',
    config: {
      name: 'keptName',
      layers: [
        {
          class_name: 'LSTM',
          config: {
            recurrent_activation: 'hard_sigmoid',
            name: 'keptName',
            batch_input_shape: [null, 4, 3],
            activation: 'hard_sigmoid',
          },
        },
        {
          class_name: 'RNN',
          config: {
            name: 'r',
            cell: {
              class_name: 'GRUCell',
              config: { recurrent_activation: 'hard_sigmoid', reset_after: true },
            },
          },
        },
        {
          class_name: 'GRU',
          config: {
            recurrent_activation: 'hard_sigmoid',
            reset_after: false,
            name: 'g',
            data_format: 'channels_last',
          },
        },
      ],
    },
  });
});

const [kernel = floats('none', [1])] = weights;
const one = (changes: object): WrittenFolder => ({
  ...seed,
  groups: [[{ ...kernel, ...changes }]],
});

/** Faults of a model: a name, the files, and the code and the text of the error. */
const faults: readonly (readonly [string, WrittenFolder, ErrorCode, RegExp])[] = [
  ['a folder above', { ...seed, paths: ['../w.bin'] }, 'model.refused', /"\.\.\/w.bin" does not/],
  ['a folder above below', { ...seed, paths: ['a/../../w'] }, 'model.refused', /does not lie/],
  ['backslashes', { ...seed, paths: ['..\\w.bin'] }, 'model.refused', /does not lie beside/],
  ['the root', { ...seed, paths: ['/etc/passwd'] }, 'model.refused', /does not lie beside/],
  ['an address', { ...seed, paths: ['https://a/w'] }, 'model.refused', /does not lie beside/],
  ['no path', { ...seed, paths: [''] }, 'model.refused', /does not lie beside/],
  [
    'a shard that is not there',
    { ...seed, paths: ['none.bin'] },
    'model.unreadable',
    /shard "none.bin" does not lie beside model.json: copy the whole folder/,
  ],
  [
    'more shards than a model has',
    { ...seed, paths: Array.from({ length: 4097 }, () => 'none.bin') },
    'model.refused',
    /more than 4096 shards/,
  ],
  ['a folder as shard', { ...seed, paths: ['.'] }, 'model.unreadable', /is not a file/],
  ['a shard cut off', one({ bytes: kernel.bytes.subarray(1) }), 'model.malformed', /cut off/],
  ['bytes too many', one({ shape: [3, 7] }), 'model.malformed', /have 96 bytes, of which .* 84/],
  ['an impossible shape', one({ shape: [-1, 8] }), 'model.malformed', /impossible shape/],
  ['a shape without end', one({ shape: [2 ** 52, 2 ** 52] }), 'model.malformed', /cut off/],
  ['text', one({ dtype: 'string' }), 'model.refused', /holds string, not numbers/],
  ['no dtype', one({ dtype: 7 }), 'model.malformed', /no dtype/],
  ['no scale', one({ quantization: { dtype: 'uint8' } }), 'model.malformed', /no scale and min/],
  ['one name twice', { ...seed, groups: [[kernel, kernel]] }, 'model.malformed', /two weights/],
  ['no manifest', { ...seed, outer: { weightsManifest: {} } }, 'model.malformed', /not a list/],
  ['a graph model', { ...seed, outer: { format: 'graph-model' } }, 'model.refused', /graph model/],
  ['a graph', { ...seed, topology: { node: [] } }, 'model.refused', /graph model/],
  ['weights only', { ...seed, topology: null }, 'model.refused', /weights only/],
];

for (const [what, written, code, message] of faults) {
  test(`refused: ${what}`, () => assert.rejects(read(written), refused(code, message)));
}
