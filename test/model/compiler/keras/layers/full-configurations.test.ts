import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { currentClassName } from '#src/model/files/keras/class-names.js';
import { layerClasses } from '#src/model/compiler/keras/registry.js';
import { fedBy, filled, load } from '../../../../support/graph-writer.js';
import { denseLayer, layer } from '../../../../support/model-writer.js';
import { projectFile } from '../../../../support/project.js';

/**
 * A layer with every option that Keras writes when none is given. Those of Keras 3 were written by
 * Keras 3.15.1 (`test/golden/generator/full_configuration.py`); those of 2.15, 2.2 and 1.2 were put together from what `get_config` of
 * these versions is known to give, and no such Keras has run to write them.
 */
interface FullConfiguration {
  readonly keras: string;
  readonly name: string;
  readonly entry: {
    readonly class_name: string;
    readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  };
  /** Shapes of the weights, in Keras' order. */
  readonly weights: readonly number[][];
  /**
   * Shape of the input: steps and features, features alone, several axes and features, or [2, 2] for two inputs of
   * two features.
   */
  readonly input: readonly number[];
}

const file = projectFile('test/model/compiler/keras/layers/full-configurations.json');
const configurations = JSON.parse(readFileSync(file, 'utf8')) as FullConfiguration[];

describe('a layer with every option that Keras writes is loaded', () => {
  for (const { keras, name, entry, weights, input } of configurations) {
    test(`Keras ${keras}: ${name}`, async () => {
      const { class_name: className, config, ...outer } = entry;
      const values = weights.map((shape) => filled(shape, 0.5));
      const tested = { class_name: className, config, weights: values, outer };
      const [a = 0, b = 0] = input;
      const isMerge = a === 2 && b === 2;
      const isArray = input.length > 2;
      const batchShape = isArray ? [null, ...input] : isMerge ? [null, 3, 3] : [null, 4, 3];
      const start = layer('InputLayer', {
        name: 'start',
        batch_shape: batchShape,
        batch_input_shape: batchShape,
      });
      // A stream has a time axis: a layer on features alone sees the last step.
      const before = input.length === 1 ? [layer('GlobalMaxPooling1D', { name: 'last' })] : [];
      if (!isMerge) {
        await load([start, ...before, tested], undefined, keras);
        return;
      }
      const ways = ['left', 'right'].map((way) => fedBy(denseLayer(way, 3, 2), 'start'));
      const merged = fedBy(tested, 'left', 'right');
      await load([start, ...ways, merged], [config.name], keras);
    });
  }

  test('and there is no other layer', () => {
    const tested = new Set(configurations.map(({ entry }) => currentClassName(entry.class_name)));
    const missing = layerClasses.filter(
      // An Embedding takes no floats: test/model/model-inputs.test.ts has it.
      (name) => name !== 'InputLayer' && name !== 'Embedding' && !tested.has(name),
    );
    assert.deepEqual(
      missing,
      [],
      'full-configurations.json has each layer as Keras writes it: test/golden/generator/full_configuration.py adds one',
    );
  });
});
