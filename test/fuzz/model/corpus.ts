import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseNames, casesFolder } from '../../golden/golden-case.js';
import { counted, legacyHdf5, type WrittenArray } from '../../support/hdf5-writer.js';
import { floats, tfjsFiles } from '../../support/tfjs-writer.js';
import {
  architectureOf,
  denseLayer,
  inputLayer,
  kerasArchive,
  kerasHdf5,
  layer,
  lstmLayer,
  seedModel,
  weight,
  type WrittenLayer,
  type WrittenModel,
} from '../../support/model-writer.js';

/** A model to be damaged: its files, and the one among them that is loaded. */
export interface Specimen {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly main: string;
}

/** Small models of every container, and those of the golden cases. */
export async function corpus(): Promise<Specimen[]> {
  return [
    alone('archive', await kerasArchive(seedModel())),
    alone('deflated', await kerasArchive(seedModel(), { level: 6 })),
    alone(
      'TF 2.12',
      await kerasArchive(seedModel('2.12.0'), {
        group: '_layer_checkpoint_dependencies',
        every: 2,
      }),
    ),
    alone('several', await kerasArchive(severalLayers())),
    alone('legacy', await kerasHdf5(seedModel('2.4.0'))),
    alone('Keras 1', await keras1Model()),
    folder('tfjs', tfjsModel(seedModel())),
    folder('tfjs several', tfjsModel(severalLayers())),
    folder('tfjs nested', tfjsModel(nestedModel())),
    ...golden(),
  ];
}

function alone(name: string, bytes: Uint8Array): Specimen {
  return { name, files: new Map([['model', bytes]]), main: 'model' };
}

function folder(name: string, files: ReadonlyMap<string, Uint8Array>): Specimen {
  return { name, files, main: 'model.json' };
}

function severalLayers(): WrittenModel {
  const norm = { name: 'norm', axis: -1, epsilon: 0.001, center: true, scale: true };
  return {
    kerasVersion: '3.4.0',
    layers: [
      { class_name: 'InputLayer', config: { name: 'input', batch_shape: [null, 6, 3] } },
      layer('ZeroPadding1D', { name: 'pad', padding: [1, 0] }),
      {
        class_name: 'Dense',
        config: { name: 'wide', units: 4, activation: 'relu', use_bias: true },
        weights: [weight(3, 4), weight(4)],
      },
      {
        class_name: 'BatchNormalization',
        config: norm,
        weights: [
          weight(4),
          weight(4),
          weight(4),
          { shape: [4], data: Float32Array.of(1, 2, 3, 4) },
        ],
      },
      layer('MaxPooling1D', { name: 'pool', pool_size: [2], strides: [1], padding: 'valid' }),
      layer('Masking', { name: 'mask', mask_value: 0 }),
      layer('GlobalAveragePooling1D', { name: 'mean', keepdims: false }),
      layer('RepeatVector', { name: 'repeat', n: 3 }),
      layer('Reshape', { name: 'shape', target_shape: [3, 4] }),
      layer('Cropping1D', { name: 'crop', cropping: [1, 1] }),
      layer('Permute', { name: 'turn', dims: [2, 1] }),
      layer('Flatten', { name: 'flat' }),
    ],
  };
}

/** W, U and b of each gate. */
function gates(letters: string): readonly WrittenArray[] {
  return letters
    .split('')
    .flatMap((gate) => [
      counted(`W_${gate}`, [2, 2]),
      counted(`U_${gate}`, [2, 2]),
      counted(`b_${gate}`, [2]),
    ]);
}

function node(...names: string[]) {
  return { inbound_nodes: [names.map((name) => [name, 0, 0, {}])] };
}

/** A functional graph with a skip, over a bidirectional layer and a model inside of the model. */
function nestedModel(): WrittenModel {
  const inner = [inputLayer(5), { class_name: 'ELU', config: { name: 'elu', alpha: 0.5 } }];
  const layers: WrittenLayer[] = [
    { ...inputLayer(5), outer: { inbound_nodes: [] } },
    {
      ...layer('Bidirectional', {
        name: 'both',
        merge_mode: 'sum',
        layer: lstmLayer('forward', 3, 3),
      }),
      weights: [1, 2].flatMap(() => [weight(3, 12), weight(3, 12), weight(12)]),
      outer: node('input_layer'),
    },
    { ...layer('Sequential', { name: 'encoder', layers: inner }), outer: node('both') },
    { ...layer('Add', { name: 'skip' }), outer: node('encoder', 'input_layer') },
    { ...denseLayer('head', 3, 2), outer: node('skip') },
  ];
  const entries = layers.map(({ class_name, config, outer }) => ({ class_name, config, ...outer }));
  const config = {
    name: 'graph',
    layers: entries,
    input_layers: [['input_layer', 0, 0]],
    output_layers: [['head', 0, 0]],
  };
  return { kerasVersion: '2.4.0', layers, architecture: { class_name: 'Functional', config } };
}

function keras1Model(): Promise<Uint8Array> {
  const config = { output_dim: 2, activation: 'tanh', inner_activation: 'hard_sigmoid' };
  const layers = [
    {
      class_name: 'Convolution1D',
      config: {
        name: 'conv',
        nb_filter: 2,
        filter_length: 2,
        batch_input_shape: [null, 5, 3],
        border_mode: 'valid',
        subsample_length: 1,
      },
    },
    { class_name: 'LSTM', config: { name: 'lstm', return_sequences: true, ...config } },
    { class_name: 'GRU', config: { name: 'gru', ...config } },
  ];
  return legacyHdf5({
    architecture: { class_name: 'Sequential', config: layers },
    weights: {
      conv: [counted('W', [2, 1, 3, 2]), counted('b', [2])],
      lstm: gates('icfo'),
      gru: gates('zrh'),
    },
  });
}

function tfjsModel(model: WrittenModel): ReadonlyMap<string, Uint8Array> {
  const weights = model.layers.flatMap(({ config, weights: own = [] }) =>
    own.map(({ shape }, i) => floats(`${config.name}/${i}`, shape)),
  );
  return tfjsFiles({ topology: architectureOf(model), groups: [weights], shardBytes: 512 });
}

function golden(): Specimen[] {
  return caseNames().flatMap((name) => {
    const path = join(casesFolder, name);
    const names = readdirSync(path).filter((file) => file !== 'case.json' && file !== 'states.h5');
    const files = new Map(names.map((file) => [file, readFileSync(join(path, file))]));
    const main = names.includes('model.json') ? 'model.json' : names[0];
    return main === undefined ? [] : [{ name, files, main }];
  });
}
