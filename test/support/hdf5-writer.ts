import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { File, Group } from 'h5wasm';
import { readModelFile } from '#src/model/model-file.js';
import type { ModelSource } from '#src/model/source/model-source.js';
import { writeHdf5 } from './model-writer.js';

export interface WrittenArray {
  /** Path relative to the layer's group, as `weight_names` has it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface WrittenLayers {
  readonly architecture: unknown;
  /** Attributes of the root beside `model_config`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The arrays of each layer, by the layer's name. */
  readonly weights: Readonly<Record<string, readonly WrittenArray[]>>;
}

/** An array of the numbers `first`, `first + 1` and so on. */
export function counted(name: string, shape: readonly number[], first = 0): WrittenArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return { name, shape, data: Array.from({ length: size }, (_, i) => first + i) };
}

/** A legacy `.h5` file whose arrays have these names and this order. */
export async function legacyHdf5({
  architecture,
  attributes = {},
  weights,
}: WrittenLayers): Promise<Uint8Array> {
  return writeHdf5((file) => {
    for (const [name, value] of Object.entries(attributes)) {
      file.create_attribute(name, value);
    }
    file.create_attribute('model_config', JSON.stringify(architecture));
    const group = file.create_group('model_weights');
    group.create_attribute('layer_names', Object.keys(weights));
    for (const [layer, arrays] of Object.entries(weights)) {
      const own = groupOf(file, `model_weights/${layer}`);
      if (arrays.length > 0) {
        own.create_attribute(
          'weight_names',
          arrays.map(({ name }) => name),
        );
      }
      for (const { name, shape, data } of arrays) {
        const path = `model_weights/${layer}/${name}`;
        groupOf(file, path.slice(0, path.lastIndexOf('/')));
        file.create_dataset({ name: path, data: Float32Array.from(data), shape: [...shape] });
      }
    }
  });
}

/** The group at a path. It and the groups around it are made where they are missing. */
function groupOf(file: File, path: string): Group {
  let group: Group = file;
  for (const name of path.split('/')) {
    const inner = group.get(name) ?? group.create_group(name);
    if (!('create_group' in inner)) {
      throw new Error(`${path} is no group`);
    }
    group = inner;
  }
  return group;
}

export async function readBytes(bytes: Uint8Array): Promise<ModelSource> {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-archive-'));
  try {
    const path = join(folder, 'model');
    await writeFile(path, bytes);
    const read = await readModelFile(path);
    assert.ok(read.dialect === 'keras');
    return read.source;
  } finally {
    await rm(folder, { recursive: true });
  }
}
