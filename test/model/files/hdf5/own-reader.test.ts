import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { unzipSync } from 'fflate';
import * as h5wasm from 'h5wasm';
import { MemorySource } from '#src/model/files/byte-source.js';
import type { Hdf5Content } from '#src/model/files/hdf5/hdf5-content.js';
import { Hdf5Reader } from '#src/model/files/hdf5/hdf5-reader.js';
import { Metadata } from '#src/model/files/hdf5/format/metadata.js';
import { OutsideFormatError } from '#src/model/files/hdf5/format/outside-format.js';
import { readWithLibrary } from '#src/model/files/hdf5/library-thread.js';
import { readOwnFormat } from '#src/model/files/hdf5/own-reader.js';
import { readHdf5 } from '#src/model/files/hdf5/read-hdf5.js';
import { Draw } from '../../../support/draw.js';
import { weight, writeHdf5 } from '../../../support/model-writer.js';
import { projectFile } from '../../../support/project.js';

const all = { groups: null, maxBytes: 2 ** 20 };
const written = projectFile('test/model/files/hdf5/written');
const filters = projectFile('test/model/files/hdf5/filters');
const golden = projectFile('test/golden/cases');

/** The HDF5 of a model file. */
function hdf5Of(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.keras')
    ? Buffer.from(unzipSync(bytes)['model.weights.h5'] ?? bytes)
    : bytes;
}

const ownContent = (bytes: Uint8Array, groups: readonly string[] | null = null) =>
  readOwnFormat(new MemorySource(bytes), { ...all, groups });

/** Returns what the library reads, in this thread: for files that are not damaged. */
async function libraryContent(bytes: Uint8Array): Promise<Hdf5Content> {
  const request = { ...all, bytes: Uint8Array.from(bytes) };
  return new Hdf5Reader(h5wasm, await h5wasm.ready, request, () => {}).content();
}

/** A content in a form that compares numbers by their bits. */
function bitsOf(content: Hdf5Content | null): unknown {
  return (
    content && {
      names: content.names,
      attributes: content.attributes,
      datasets: [...content.datasets].map(([path, { shape, type, data }]) => {
        return [path, shape, type, Buffer.from(data.buffer, data.byteOffset, data.byteLength)];
      }),
    }
  );
}

async function assertSame(bytes: Uint8Array, what: string): Promise<void> {
  const own = await ownContent(bytes);
  assert.ok(own !== null, `${what} is left to the library`);
  assert.deepEqual(bitsOf(own), bitsOf(await libraryContent(bytes)), what);
}

for (const [kind, folder] of [
  ['Keras wrote', golden],
  ['h5py wrote', written],
] as const) {
  test(`reads what ${kind} as the library does, bit for bit`, async () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(keras|h5)$/.test(name),
    );
    assert.ok(files.length >= 4);
    for (const name of files) {
      await assertSame(hdf5Of(join(folder, name)), name);
    }
  });
}

test('reads the groups that are asked for, whatever the others hold', async () => {
  const bytes = await writeHdf5((file) => {
    file.create_group('other').create_attribute('text', 'a');
    file.create_dataset({ name: 'other/text', data: 'no numbers' });
    file.create_group('model_weights').create_attribute('layer_names', ['a', 'b']);
    file.create_dataset({ name: 'model_weights/x', data: Float32Array.of(1) });
  });
  const content = await ownContent(bytes, ['model_weights']);
  assert.deepEqual([...(content?.attributes.keys() ?? [])], ['/', 'model_weights']);
  assert.deepEqual([...(content?.datasets.keys() ?? [])], ['model_weights/x']);
  assert.deepEqual(content?.names, ['model_weights', 'other']);
});

/** Files of another form. */
const outside: Readonly<Record<string, (file: h5wasm.File) => unknown>> = {
  'datasets in pieces': (file) =>
    file.create_dataset({ name: 'a', data: weight(4).data, shape: [4], chunks: [2] }),
  'datasets of texts': (file) => file.create_dataset({ name: 'a', data: 'text' }),
  'empty texts': (file) => file.create_attribute('a', ''),
  'soft links': (file) => file.create_soft_link('/none', 'a'),
  'hard links': (file) => {
    file.create_group('a');
    file.create_hard_link('/a', 'b');
  },
  'groups in themselves': (file) => {
    file.create_group('a');
    file.create_hard_link('/a', '/a/a');
  },
  'datasets beyond the bound': (file) =>
    file.create_dataset({ name: 'a', data: new Float32Array(2 ** 18 + 1).fill(1) }),
};

for (const [what, fill] of Object.entries(outside)) {
  test(`leaves to the library: ${what}`, async () => {
    assert.equal(await ownContent(await writeHdf5((file) => void fill(file))), null);
  });
}

/** Changes to a file that h5py wrote, after which the library must judge it. */
const changes: Readonly<Record<string, readonly [string, (bytes: Buffer) => void]>> = {
  'floats of another form': [
    'keras.weights.h5',
    // The bias of the exponent of every float32, after its sizes and places of bits.
    (bytes) => replaceAll(bytes, '170800177f000000', '1708001780000000'),
  ],
  'an object whose checksum does not match': [
    'newest.h5',
    (bytes) => replaceAll(bytes, Buffer.from('name\0').toString('hex'), '6e616d6600'),
  ],
  'names that are not in order': [
    'keras.weights.h5',
    (bytes) => replaceAll(bytes, Buffer.from('lstm\0').toString('hex'), '6173746d00'),
  ],
  'metadata that refers to itself': [
    'texts.h5',
    (bytes) => {
      // The first message becomes a continuation that is the whole file, and so are those in it.
      const header = Number(bytes.readBigUInt64LE(64));
      bytes.writeUInt16LE(1, header + 2);
      bytes.writeUInt32LE(24, header + 8);
      bytes.writeUInt16LE(0x10, header + 16);
      bytes.writeUInt16LE(16, header + 18);
      bytes.writeBigUInt64LE(BigInt(header + 16), header + 24);
      bytes.writeBigUInt64LE(24n, header + 32);
    },
  ],
};

test('the metadata of a file is bounded altogether', () => {
  const metadata = new Metadata(new MemorySource(new Uint8Array(2 ** 20)), 2 ** 20);
  for (let i = 0; i < 64; i += 1) {
    metadata.view(0, 2 ** 20);
  }
  assert.throws(() => metadata.view(0, 1), OutsideFormatError);
});

function replaceAll(bytes: Buffer, from: string, to: string): void {
  const wanted = Buffer.from(from, 'hex');
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    bytes.write(to, at, 'hex');
  }
}

for (const [what, [name, change]] of Object.entries(changes)) {
  test(`leaves to the library: ${what}`, async () => {
    const bytes = hdf5Of(join(written, name));
    const before = Buffer.from(bytes);
    change(bytes);
    assert.ok(!bytes.equals(before));
    assert.equal(await ownContent(bytes), null);
  });
}

test('only a file of another form has the library loaded, in its thread', async (t) => {
  let threads = 0;
  const count = (): void => void (threads += 1);
  diagnostics.subscribe('worker_threads', count);
  t.after(() => diagnostics.unsubscribe('worker_threads', count));
  const usual = await readHdf5(new MemorySource(hdf5Of(join(written, 'keras.weights.h5'))), all);
  assert.ok('content' in usual);
  assert.equal(threads, 0);
  const pieces = await writeHdf5((file) => void outside['datasets in pieces']?.(file));
  const unusual = await readHdf5(new MemorySource(pieces), all);
  assert.ok('content' in unusual && unusual.content.datasets.has('a'));
  assert.equal(threads, 1);
});

test('what is compressed by a filter that HDF5 has not is refused by its name, and not called damaged', async () => {
  const own = await readHdf5(new MemorySource(readFileSync(join(filters, 'own.h5'))), all);
  assert.ok('content' in own);
  const numbers = Float32Array.from({ length: 64 }, (_, i) => i);
  assert.deepEqual(
    [...own.content.datasets].map(([path, { data }]) => [path, data]),
    ['fletcher32', 'gzip', 'scaleoffset', 'szip'].map((path) => [path, numbers]),
  );
  const foreign = await readHdf5(new MemorySource(readFileSync(join(filters, 'lzf.h5'))), all);
  assert.ok('fault' in foreign);
  assert.equal(foreign.kind, 'refused');
  assert.match(
    foreign.fault,
    /^dataset model_weights\/kernel is compressed with lzf \(filter 32000\).*compression="gzip"/,
  );
});

/** A file with some of its bits, lengths or addresses damaged, a part moved, or its end cut off. */
function damaged(draw: Draw, whole: Buffer): Buffer {
  const bytes = Buffer.from(whole);
  const any = (room: number): number => draw.whole(0, bytes.length - room);
  switch (draw.whole(0, 3)) {
    case 0:
      for (let left = draw.whole(1, 4); left > 0; left -= 1) {
        const at = any(1);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << draw.whole(0, 7));
      }
      return bytes;
    case 1:
      return bytes.subarray(0, any(0));
    case 2: {
      const length = draw.whole(1, 64);
      const from = any(length);
      bytes.copyWithin(any(length), from, from + length);
      return bytes;
    }
    default:
      bytes.writeBigUInt64LE(
        draw.one([0n, 1n, 2n ** 64n - 1n, 2n ** 63n - 1n, BigInt(any(0))]),
        any(8) & ~7,
      );
      return bytes;
  }
}

test(
  'what it reads of a damaged file is what the library reads',
  { timeout: 300_000 },
  async () => {
    const draw = new Draw(3);
    const specimens = ['newest.h5', 'numbers.h5', 'texts.h5', 'keras.weights.h5'].map((name) =>
      hdf5Of(join(written, name)),
    );
    const whole = await Promise.all(
      specimens.map(async (bytes) => bitsOf(await ownContent(bytes))),
    );
    let left = 0;
    let compared = 0;
    for (let i = 0; i < 600; i += 1) {
      const which = i % specimens.length;
      const bytes = damaged(draw, specimens[which] ?? Buffer.alloc(0));
      const own = await ownContent(bytes);
      if (own === null) {
        left += 1;
      } else if (compared < 5 && !isDeepStrictEqual(bitsOf(own), whole[which])) {
        const answer = await readWithLibrary({ ...all, bytes: Uint8Array.from(bytes) });
        compared += 1;
        if ('content' in answer) {
          assert.deepEqual(bitsOf(own), bitsOf(answer.content), `mutation ${i}`);
        }
      }
    }
    assert.ok(left > 100 && compared === 5, `${left} left to the library, ${compared} compared`);
  },
);
