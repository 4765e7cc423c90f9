import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSource } from '#src/model/source/model-source.js';
import { writeHdf5 } from '../../../support/model-writer.js';
import { counted, legacyHdf5, readBytes } from '../../../support/hdf5-writer.js';

function firsts(source: ModelSource, name: string): number[] {
  const layer = source.weights.layer(name, '');
  const values: number[] = [];
  for (let weight = layer.next(''); weight !== undefined; weight = layer.next('')) {
    values.push(weight.data[0] ?? Number.NaN);
  }
  return values;
}

const architecture = { class_name: 'Sequential', config: { layers: [] } };
const attributes = { keras_version: '2.4.0' };

test('names of layers may hold slashes, spaces and Unicode', async () => {
  const weights = {
    'a/b': [counted('a/b/kernel:0', [1], 1)],
    'a/b/c': [counted('kernel:0', [1], 2)],
    'gr\u00FCn \u5C64': [counted('gr\u00FCn \u5C64/kernel:0', [1], 3)],
    ' ': [counted(' /x', [1], 4)],
  };
  const source = await readBytes(await legacyHdf5({ architecture, attributes, weights }));
  assert.deepEqual(firsts(source, 'a/b'), [1]);
  assert.deepEqual(firsts(source, 'a/b/c'), [2]);
  assert.deepEqual(firsts(source, 'gr\u00FCn \u5C64'), [3]);
  assert.deepEqual(source.weights.unread(), ['model_weights/ / /x']);
});

test('the order of weight_names counts, also in a list that is cut into several', async () => {
  const bytes = await writeHdf5((file) => {
    // The strings have a fixed length, as h5py writes bytes, and the list is cut as Keras cuts long ones.
    file.create_attribute('keras_version', '2.4.0', null, 'S8');
    file.create_attribute('model_config', JSON.stringify(architecture));
    const group = file.create_group('model_weights');
    group.create_attribute('layer_names0', ['first', 'second'], null, 'S12');
    group.create_attribute('layer_names1', ['third'], null, 'S5');
    for (const [n, name] of ['first', 'second', 'third'].entries()) {
      const own = file.create_group(`model_weights/${name}`);
      own.create_attribute('weight_names0', ['z', 'a'], null, 'S1');
      own.create_attribute('weight_names1', ['m']);
      for (const [i, weight] of ['a', 'm', 'z'].entries()) {
        own.create_dataset({ name: weight, data: Float32Array.of(10 * n + i) });
      }
    }
  });
  const source = await readBytes(bytes);
  assert.equal(source.kerasVersion, '2.4.0');
  assert.deepEqual(firsts(source, 'first'), [2, 0, 1]);
  assert.deepEqual(firsts(source, 'second'), [12, 10, 11]);
  assert.deepEqual(firsts(source, 'third'), [22, 20, 21]);
});

test('a weight that weight_names has and the file has not is named', async () => {
  const bytes = await writeHdf5((file) => {
    file.create_attribute('model_config', JSON.stringify(architecture));
    file.create_group('model_weights').create_attribute('layer_names', ['a']);
    file.create_group('model_weights/a').create_attribute('weight_names', ['kernel']);
  });
  await assert.rejects(readBytes(bytes), /dataset model_weights\/a\/kernel is missing/);
});
