import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readModelFile, type KerasFile } from '#src/model/model-file.js';

export interface WrittenWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly quantization?: unknown;
  readonly bytes: Uint8Array;
}

export interface WrittenFolder {
  readonly topology: unknown;
  readonly groups: readonly (readonly WrittenWeight[])[];
  /** Bytes of each shard but the last; without it a group is one shard. */
  readonly shardBytes?: number;
  /** Replaces the shards' paths in the manifest. */
  readonly paths?: readonly string[];
  /** Properties that are added to those of `model.json`, or replace them. */
  readonly outer?: Readonly<Record<string, unknown>>;
}

export function floats(name: string, shape: readonly number[], first = 0): WrittenWeight {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, (_, i) => first + i);
  return { name, shape, bytes: new Uint8Array(values.buffer) };
}

/** The files of a TensorFlow.js layers model, by path. */
export function tfjsFiles(written: WrittenFolder): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const weightsManifest = written.groups.map((weights, group) => {
    const bytes = Buffer.concat(weights.map((weight) => weight.bytes));
    const size = written.shardBytes ?? Math.max(1, bytes.length);
    const count = Math.ceil(bytes.length / size);
    const paths = Array.from({ length: count }, (_, i) => {
      const path = `group${group + 1}-shard${i + 1}of${count}.bin`;
      files.set(path, bytes.subarray(i * size, (i + 1) * size));
      return path;
    });
    const entries = weights.map(({ name, shape, dtype = 'float32', quantization }) => ({
      name,
      shape,
      dtype,
      quantization,
    }));
    return { paths: written.paths ?? paths, weights: entries };
  });
  const model = {
    format: 'layers-model',
    modelTopology: written.topology,
    weightsManifest,
    ...written.outer,
  };
  return new Map([['model.json', Buffer.from(JSON.stringify(model))], ...files]);
}

/** Reads these files as the folder of a model, or the one of them that is named `file`. */
export async function readFolder(
  files: ReadonlyMap<string, Uint8Array>,
  file = '',
): Promise<KerasFile> {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-tfjs-'));
  try {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const read = await readModelFile(join(folder, file));
    assert.ok(read.dialect === 'keras');
    return read;
  } finally {
    await rm(folder, { recursive: true });
  }
}
