import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { LstmdError, type ErrorCode } from '#src/base/errors.js';
import { allBytes, MemorySource } from '#src/model/files/byte-source.js';
import { maxModelBytes } from '#src/model/files/size-limit.js';
import { ZipArchive } from '#src/model/files/keras/zip.js';
import { loadModel } from '#src/model/load-model.js';
import {
  denseLayer,
  inputLayer,
  kerasArchive,
  kerasHdf5,
  layer,
  loadBytes,
  seedModel,
  writeHdf5,
} from '../../support/model-writer.js';

function isLstmdError(code: ErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof LstmdError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  };
}

const text = (content: string) => Buffer.from(content, 'latin1');

function zipped(name: string): Uint8Array {
  return zipSync({ [name]: strToU8('a') });
}

function zipOf(bytes: Uint8Array): ZipArchive {
  return new ZipArchive(new MemorySource(bytes));
}

async function contentOf(archive: ZipArchive, name: string): Promise<Uint8Array | undefined> {
  const member = await archive.member(name);
  return member && allBytes(member);
}

/** Files that are given in place of a model: a name, the content, and the code and the text of the error. */
const foreign: readonly (readonly [string, Uint8Array, ErrorCode, RegExp])[] = [
  ['an empty file', text(''), 'model.malformed', /is empty/],
  [
    'a Git LFS pointer',
    text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
    'model.malformed',
    /git lfs pull/,
  ],
  ['a pickle', text('\x80\x04\x95\x00\x00'), 'model.refused', /pickle/],
  ['ONNX without a graph', text('\x08\x07\x12\x07pytorch'), 'model.malformed', /ONNX/],
  ['a SavedModel alone', text('\x08\x01\x12\xff'), 'model.refused', /SavedModel/],
  ['TensorFlow Lite', text('\x1c\x00\x00\x00TFL3'), 'model.refused', /TensorFlow Lite/],
  ['gzip', text('\x1f\x8b\x08\x00'), 'model.refused', /gzip/],
  ['a web page', text('<!DOCTYPE html><html>'), 'model.malformed', /web page/],
  ['TensorFlow.js weights', text('{"weightsManifest":[]}'), 'model.refused', /weights only/],
  ['an architecture', text('{"class_name":"Sequential"}'), 'model.refused', /without weights/],
  ['broken JSON', text('{"class_name":'), 'model.malformed', /no whole JSON/],
  ['another zip', zipSync({ 'a.txt': strToU8('a') }), 'model.refused', /it has no config.json/],
  ['PyTorch', zipSync({ 'archive/data.pkl': strToU8('a') }), 'model.refused', /PyTorch/],
  [
    'TorchScript',
    zipSync({ 'm/data.pkl': strToU8('a'), 'm/code/__torch__.py': strToU8('a') }),
    'model.refused',
    /TorchScript.*torch\.jit\.load.*torch\.onnx\.export/,
  ],
  ['a zip of ONNX', zipped('m/model.onnx'), 'model.refused', /a model in it: unpack it first/],
  ['an .ort file', text('\x18\0\0\0ORTM\0'), 'model.refused', /\.ort file.*name that ONNX file/],
  ['TensorRT', text('ftrt\0\0\0\0'), 'model.refused', /TensorRT.*name that ONNX file/],
  ['OpenVINO', text('<?xml version="1.0"?>\n<net name="m">'), 'model.refused', /OpenVINO/],
  ['Python', text('import torch\n'), 'model.refused', /Python code/],
  ['a zip of a SavedModel', zipped('m/saved_model.pb'), 'model.refused', /SavedModel in a zip/],
  ['a zip of TensorFlow.js', zipped('m/model.json'), 'model.refused', /TensorFlow.js .* unpack it/],
  ['a zip of a model', zipped('m/model.keras'), 'model.refused', /a model in it: unpack it/],
  ['JSON without end', text('{'.repeat(1000)), 'model.malformed', /nested more than 500 deep/],
  ['JSON too large', text(`{"${'a'.repeat(2 ** 23)}`), 'model.refused', /more than the 8388608/],
  [
    'anything else',
    text('hello, world'),
    'model.refused',
    /nor an ONNX file: it begins with 68656c6c6f2c2077/,
  ],
];

for (const [what, bytes, code, message] of foreign) {
  test(`named for what it is: ${what}`, () =>
    assert.rejects(loadBytes(bytes), isLstmdError(code, message)));
}

test('named for what it is: HDF5 without an architecture', async () => {
  const weights = await writeHdf5((file) => file.create_group('layers'));
  await assert.rejects(loadBytes(weights), isLstmdError('model.refused', /weights only/));
  const older = await writeHdf5((file) =>
    file.create_group('_layer_checkpoint_dependencies\\lstm\\vars'),
  );
  await assert.rejects(loadBytes(older), isLstmdError('model.refused', /weights only/));
  const state = await writeHdf5((file) => file.create_group('states_1_0'));
  await assert.rejects(loadBytes(state), isLstmdError('model.refused', /the state of a model/));
  const data = await writeHdf5((file) => file.create_group('measurements'));
  await assert.rejects(loadBytes(data), isLstmdError('model.refused', /not a Keras model/));
});

test('named for what it is: no file, and folders', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-model-'));
  try {
    await assert.rejects(
      loadModel(join(folder, 'no')),
      isLstmdError('model.unreadable', /: no such file or directory$/),
    );
    await assert.rejects(loadModel('/dev/zero'), isLstmdError('model.unreadable', /not a file/));
    await assert.rejects(loadModel(folder), isLstmdError('model.unreadable', /is a folder/));
    await Promise.all(['Data', 'Manifest.json'].map((name) => writeFile(join(folder, name), '')));
    await assert.rejects(loadModel(folder), isLstmdError('model.refused', /Core ML package/));
    await writeFile(join(folder, 'saved_model.pb'), '');
    await assert.rejects(loadModel(folder), isLstmdError('model.refused', /SavedModel folder/));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a model that is too large is not read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-model-'));
  try {
    const path = join(folder, 'shard');
    await writeFile(path, '');
    await truncate(path, maxModelBytes);
    // The shard has the largest size that a model may have; with its model.json it is above that.
    const weightsManifest = [{ paths: ['shard'], weights: [] }];
    const model = { modelTopology: { class_name: 'Sequential', config: [] }, weightsManifest };
    await writeFile(join(folder, 'model.json'), JSON.stringify(model));
    await assert.rejects(
      loadModel(folder),
      isLstmdError('model.refused', /the model has \d+ bytes/),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a file that is cut off is told from one of another kind', async () => {
  for (const bytes of [await kerasArchive(seedModel()), await kerasHdf5(seedModel())]) {
    for (const length of [1, 4, 8, 50, bytes.length >> 1, bytes.length - 30, bytes.length - 1]) {
      await assert.rejects(
        loadBytes(bytes.subarray(0, length)),
        isLstmdError('model.malformed', /cut off|damaged/),
        `${length} of ${bytes.length} bytes`,
      );
    }
  }
});

test('any byte of an archive changed is noticed', async () => {
  const archive = await kerasArchive(seedModel(), { level: 6 });
  for (let at = 3; at < archive.length; at += Math.ceil(archive.length / 30)) {
    const damaged = archive.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    const plan = await loadBytes(damaged).catch((error: unknown) => error);
    // A changed date or version in a header may go unnoticed, but a changed member may not.
    if (!(plan instanceof LstmdError)) {
      const [was, is] = [zipOf(archive), zipOf(damaged)];
      for (const name of was.names()) {
        assert.deepEqual(await contentOf(is, name), await contentOf(was, name), `byte ${at}`);
      }
    }
  }
});

test('a byte of HDF5 changed is an error or a model, and never the end of the process', async () => {
  const whole = await kerasHdf5(seedModel());
  for (let at = 9; at < whole.length; at += Math.ceil(whole.length / 20)) {
    const damaged = whole.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x44;
    const plan = await loadBytes(damaged).catch((error: unknown) => error);
    if (plan instanceof Error) {
      assert.ok(plan instanceof LstmdError, `byte ${at}: ${plan.stack}`);
    }
  }
});

test('a read of HDF5 that fails is an error, and not whatever was in memory', async () => {
  const bytes = Buffer.from(await kerasHdf5(seedModel()));
  const heap = bytes.indexOf('GCOL');
  assert.ok(heap > 0, 'the configuration lies in a global heap');
  bytes.write('gone', heap);
  await assert.rejects(loadBytes(bytes), isLstmdError('model.malformed', /global heap/));
});

test('a zip archive with two members of one name is refused', () => {
  const twice = Buffer.from(zipSync({ 'a.json': strToU8('1'), 'b.json': strToU8('2') }));
  twice.write('a.json', twice.lastIndexOf('b.json'));
  assert.throws(() => zipOf(twice), isLstmdError('model.malformed', /two members a.json/));
});

test('a configuration that inflates without end is refused before it does', async () => {
  const config = ' '.repeat(2 ** 23 + 1);
  const archive = await kerasArchive(seedModel(), { config, level: 6 });
  assert.ok(archive.length < 2 ** 17);
  await assert.rejects(
    loadBytes(archive),
    isLstmdError('model.refused', /member config.json has 8388609 bytes, more than/),
  );
});

test('a member that inflates beyond its size is refused', async () => {
  const archive = zipSync({ bomb: new Uint8Array(2 ** 20) }, { level: 9 });
  const view = new DataView(archive.buffer);
  const directory = archive.length - 22 - 46 - 'bomb'.length;
  assert.equal(view.getUint32(directory, true), 0x02014b50);
  view.setUint32(directory + 24, 1000, true);
  // The text is that of zlib where it stops at the size that is given, before it inflates the rest.
  const stopped = isLstmdError('model.malformed', /larger than 1000 bytes/);
  await assert.rejects(zipOf(archive).member('bomb'), stopped);
  view.setUint32(directory + 24, 0xffff_fff0, true);
  await assert.rejects(zipOf(archive).member('bomb'), isLstmdError('model.refused', /more than/));
});

test('options that ask for more memory than a model may take are refused', async () => {
  const asks: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['MaxPooling1D', { pool_size: 15e6, strides: 1 }],
    ['ZeroPadding1D', { padding: [15e6, 0] }],
  ];
  for (const [className, config] of asks) {
    const input = inputLayer(className === 'MaxPooling1D' ? 2e7 : 4);
    const layers = [
      input,
      layer(className, { name: 'large', ...config }),
      denseLayer('head', 3, 1),
    ];
    const model = { kerasVersion: '3.4.0', layers };
    await assert.rejects(
      loadBytes(await kerasArchive(model)),
      isLstmdError('model.refused', /would take \d+ MiB of memory to run/),
    );
  }
});
