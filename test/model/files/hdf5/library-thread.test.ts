import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import * as h5wasm from 'h5wasm';
import { ExitCode, LstmdError } from '#src/base/errors.js';
import {
  readWithLibrary,
  type LibraryThreadOptions,
} from '#src/model/files/hdf5/library-thread.js';
import { writeHdf5 } from '#src/model/files/hdf5/write-hdf5.js';

const maxBytes = 2 ** 20;
const floats = Float32Array.of(1, -2, 3, 4);

async function written(fill: (file: h5wasm.File) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('written.h5', 'w');
  fill(file);
  file.close();
  return FS.readFile('written.h5');
}

async function contentOf(bytes: Uint8Array, groups: readonly string[] | null = null) {
  const answer = await readWithLibrary({ bytes, groups, maxBytes });
  assert.ok('content' in answer, JSON.stringify(answer));
  return answer.content;
}

async function faultOf(bytes: Uint8Array, options?: LibraryThreadOptions): Promise<string> {
  const answer = await readWithLibrary({ bytes, groups: null, maxBytes }, options);
  assert.ok('fault' in answer, 'it was read');
  return answer.fault;
}

test('an HDF5 file that was written here is read', async () => {
  const bytes = await writeHdf5([{ name: 'a', shape: [2, 2], data: floats }]);
  const content = await contentOf(bytes);
  assert.deepEqual(content.names, ['a']);
  assert.deepEqual(content.datasets.get('a'), {
    path: 'a',
    shape: [2, 2],
    type: 'float32',
    data: floats,
  });
});

test('only the groups that are asked for are read', async () => {
  const bytes = await written((file) => {
    for (const name of ['a', 'a\\b', 'ab', 'c']) {
      file.create_group(name).create_attribute('text', `of ${name}`);
      file.create_dataset({ name: `${name}/x`, data: floats });
    }
  });
  const content = await contentOf(bytes, ['a']);
  assert.deepEqual([...content.datasets.keys()].sort(), ['a/x', 'a\\b/x']);
  assert.deepEqual(content.attributes.get('a'), new Map([['text', ['of a']]]));
  assert.deepEqual(content.names, ['a', 'a\\b', 'ab', 'c']);
});

test('chunked and compressed datasets are read, and numbers of other types', async () => {
  const bytes = await written((file) => {
    file.create_dataset({
      name: 'gzip',
      data: floats,
      shape: [4],
      chunks: [2],
      compression: 'gzip',
    });
    file.create_dataset({ name: 'double', data: Float64Array.from(floats) });
    file.create_dataset({ name: 'int', data: Int16Array.of(-1, 2) });
    file.create_dataset({ name: 'text', data: 'no numbers' });
  });
  const { datasets } = await contentOf(bytes);
  const read = [...datasets].map(([name, { type, data }]) => [name, type, [...data]]);
  assert.deepEqual(Object.fromEntries(read.map(([name, ...rest]) => [name, rest])), {
    gzip: ['float32', [1, -2, 3, 4]],
    double: ['float64', [1, -2, 3, 4]],
    int: ['int16', [-1, 2]],
    text: ['other', []],
  });
});

test('datasets that inflate beyond the bound are not read', async () => {
  const half = new Float32Array(maxBytes / 8 + 1);
  const bytes = await written((file) => {
    for (const name of ['a', 'b']) {
      file.create_dataset({
        name,
        data: half,
        shape: [half.length],
        chunks: [half.length],
        compression: 'gzip',
        compression_opts: 9,
      });
    }
  });
  assert.ok(bytes.length < maxBytes / 10);
  assert.match(await faultOf(bytes), /hold more than 1048576 bytes/);
});

test('more objects and longer texts than a model has are not read', async () => {
  const text = await written((file) => file.create_attribute('text', 'a'.repeat(2 ** 23 + 1)));
  assert.match(await faultOf(text), /attribute text has 8388609 bytes/);
  const many = await written((file) => {
    for (let i = 0; i <= 20_000; i += 1) {
      file.create_group(`g${i}`);
    }
  });
  assert.match(await faultOf(many), /more than 20000 objects/);
});

test('how this process was started does not reach the thread', () => {
  const module = import.meta.resolve('#src/model/files/hdf5/library-thread.js');
  const program = `
    const { readWithLibrary } = await import(${JSON.stringify(module)});
    const answer = await readWithLibrary({ bytes: new Uint8Array(9), groups: null, maxBytes: 9 });
    process.stdout.write(answer.fault);`;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);
  assert.equal(`${run.stderr.toString()}${run.stdout.toString()}`, 'file signature not found');
});

/** The thread that stands in for the one that reads, and looks that follow each other fast. */
function double(behaviour: string, limits: LibraryThreadOptions['limits']): LibraryThreadOptions {
  const worker = new URL(`${behaviour}-worker.js`, import.meta.url);
  return { worker, limits: { lookMs: 2, ...limits } };
}

test('a thread that works and comes no further is ended, by its CPU time: the file is damaged', async () => {
  const fault = await faultOf(new Uint8Array(9), double('spinning', { cpuMs: 100 }));
  assert.match(fault, /comes no further after 0 s of CPU time/);
});

for (const [behaviour, limits, why] of [
  ['sleeping', { idleLooks: 50 }, /sleeps and comes no further/],
  ['failing', { idleLooks: Infinity }, /did not start: no memory/],
] as const) {
  test(`a ${behaviour} thread says nothing of the file, and another try may help`, async () => {
    await assert.rejects(faultOf(new Uint8Array(9), double(behaviour, limits)), (error) => {
      assert.ok(error instanceof LstmdError, String(error));
      assert.match(error.message, why);
      assert.equal(error.code, 'model.notRead');
      assert.equal(error.exitCode, ExitCode.temporary);
      return true;
    });
  });
}

test('a reading is ended by its signal', async () => {
  const controller = new AbortController();
  const spinning = { ...double('spinning', {}), signal: controller.signal };
  const ended = assert.rejects(faultOf(new Uint8Array(9), spinning), /enough/);
  controller.abort(new Error('enough'));
  await ended;
  await assert.rejects(faultOf(new Uint8Array(9), spinning), /enough/);
});

test('bytes that are not HDF5 are a fault, with the reason', async () => {
  assert.notEqual(await faultOf(Uint8Array.of(1, 2, 3)), '');
});
