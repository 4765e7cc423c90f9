import { strToU8, zipSync } from 'fflate';
import * as h5wasm from 'h5wasm';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '#src/model/load-model.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';

export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A layer to be written: its configuration as Keras has it, its weights in the order of Keras. */
export interface WrittenLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly weights?: readonly Weight[];
  /** Properties beside `config`, such as `module`, `registered_name` or `inbound_nodes`. */
  readonly outer?: Readonly<Record<string, unknown>>;
}

export interface WrittenModel {
  /** Null for a file that does not say its version. */
  readonly kerasVersion: string | null;
  readonly layers: readonly WrittenLayer[];
  /** Replaces the Sequential that the layers would become. */
  readonly architecture?: unknown;
}

/** A weight of a shape, with deterministic numbers from -0.5 to 0.5. */
export function weight(...shape: number[]): Weight {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    data: Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101 - 0.5),
  };
}

export function inputLayer(steps: number | null, features = 3): WrittenLayer {
  return {
    class_name: 'InputLayer',
    config: { name: 'input_layer', batch_shape: [null, steps, features], dtype: 'float32' },
  };
}

export function lstmLayer(
  name: string,
  inputs: number,
  units: number,
  config: Readonly<Record<string, unknown>> = {},
): WrittenLayer {
  return {
    class_name: 'LSTM',
    config: {
      name,
      units,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      return_sequences: true,
      kernel_initializer: { class_name: 'GlorotUniform', config: {} },
      ...config,
    },
    weights: [weight(inputs, 4 * units), weight(units, 4 * units), weight(4 * units)],
  };
}

export function denseLayer(
  name: string,
  inputs: number,
  units: number,
  config: Readonly<Record<string, unknown>> = {},
): WrittenLayer {
  return {
    class_name: 'Dense',
    config: { name, units, activation: 'sigmoid', ...config },
    weights: [weight(inputs, units), weight(units)],
  };
}

export function layer(
  className: string,
  config: Readonly<Record<string, unknown>> & { readonly name: string },
): WrittenLayer {
  return { class_name: className, config };
}

/** A small model of the seed's kind: LSTM, LeakyReLU, LSTM, Flatten and Dense over 4 steps. */
export function seedModel(kerasVersion: string | null = '3.15.1'): WrittenModel {
  return {
    kerasVersion,
    layers: [
      inputLayer(4),
      lstmLayer('lstm', 3, 5),
      layer('LeakyReLU', { name: 'leaky', negative_slope: 0.25 }),
      layer('Dropout', { name: 'dropout', rate: 0.2 }),
      lstmLayer('second', 5, 2),
      layer('Flatten', { name: 'flatten' }),
      denseLayer('head', 8, 1),
    ],
  };
}

export function architectureOf(model: WrittenModel): unknown {
  if (model.architecture !== undefined) {
    return model.architecture;
  }
  const layers = model.layers.map(({ class_name, config, outer }) => ({
    class_name,
    config,
    ...outer,
  }));
  return { class_name: 'Sequential', config: { name: 'sequential', layers } };
}

/** How an archive is written. */
export interface ArchiveForm {
  /** Group of the layers: `layers`, or `_layer_checkpoint_dependencies` as TF 2.12 wrote it. */
  readonly group?: string;
  /** By how much the number in the path grows from layer to layer of a class; 2 with TF 2.12. */
  readonly every?: number;
  readonly separator?: '/' | '\\';
  readonly level?: 0 | 6;
  /** Replaces `config.json`. */
  readonly config?: string;
}

/** A `.keras` archive. */
export async function kerasArchive(
  model: WrittenModel,
  { group = 'layers', every = 1, separator = '/', level = 0, config }: ArchiveForm = {},
): Promise<Uint8Array> {
  const counts = new Map<string, number>();
  const places = model.layers.flatMap(({ class_name, weights }) => {
    if (weights === undefined) {
      return [];
    }
    const base = class_name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
    const n = counts.get(base) ?? 0;
    counts.set(base, n + every);
    const inner = class_name === 'LSTM' ? ['cell'] : [];
    const path = [group, n === 0 ? base : `${base}_${n}`, ...inner].join(separator);
    return weights.map((value, i) => ({ path: `${path}/vars/${i}`, value }));
  });
  const hdf5 = await writeHdf5((file) => {
    for (const { path, value } of places) {
      dataset(file, path, value);
    }
  });
  return zipSync(
    {
      'metadata.json': strToU8(JSON.stringify({ keras_version: model.kerasVersion })),
      'config.json': strToU8(config ?? JSON.stringify(architectureOf(model))),
      'model.weights.h5': hdf5,
    },
    { level },
  );
}

/** A legacy `.h5` file. */
export async function kerasHdf5(model: WrittenModel): Promise<Uint8Array> {
  return writeHdf5((file) => {
    if (model.kerasVersion !== null) {
      file.create_attribute('keras_version', model.kerasVersion);
    }
    file.create_attribute('model_config', JSON.stringify(architectureOf(model)));
    const group = file.create_group('model_weights');
    const names = model.layers.map(({ config }) => config.name);
    group.create_attribute('layer_names', names);
    for (const { config, weights = [] } of model.layers) {
      const own = group.create_group(config.name);
      // Not in alphabetical order, so that only `weight_names` gives the right one.
      const paths = weights.map((_, i) => `${config.name}/w${9 - i}:0`);
      if (paths.length > 0) {
        own.create_attribute('weight_names', paths);
      }
      for (const [i, value] of weights.entries()) {
        dataset(file, `model_weights/${config.name}/${paths[i] ?? ''}`, value);
      }
    }
  });
}

export async function writeHdf5(fill: (file: h5wasm.File) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('written.h5', 'w');
  fill(file);
  file.close();
  const bytes = FS.readFile('written.h5');
  FS.unlink('written.h5');
  return bytes;
}

function dataset(file: h5wasm.File, path: string, value: Weight): void {
  const parts = path.split('/');
  for (let i = 1; i < parts.length; i += 1) {
    const group = parts.slice(0, i).join('/');
    if (file.get(group) === null) {
      file.create_group(group);
    }
  }
  file.create_dataset({ name: path, data: value.data, shape: [...value.shape] });
}

/** Loads bytes as a model file whose name does not tell its format. */
export async function loadBytes(
  bytes: Uint8Array,
  options?: Parameters<typeof loadModel>[1],
): Promise<StreamPlan> {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-model-'));
  try {
    const path = join(folder, 'model');
    await writeFile(path, bytes);
    return await loadModel(path, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}
