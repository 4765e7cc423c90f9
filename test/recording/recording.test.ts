import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { csvLines } from '#src/recording/csv-export.js';
import type { RecordingEntry, RecordingHeader } from '#src/recording/entry.js';
import { openRecording } from '#src/recording/recording-reader.js';
import { RecordingWriter } from '#src/recording/recording-writer.js';
import { testFolder } from '../support/daemon.js';

const writerUrl = new URL('../../../dist/recording/recording-writer.js', import.meta.url).href;

const header: RecordingHeader = {
  version: '0.2.0',
  startedMs: 1763880000000,
  stream: 'wearer',
  axes: ['x', 'y'],
  sensor: { link: '/dev/ttyUSB0', decoder: 'csv', rateHz: 26 },
};

const entries: readonly RecordingEntry[] = [
  { kind: 'opened', atMs: 0.1 + 0.2, path: '/dev/ttyUSB0' },
  { kind: 'label', atMs: 1, label: 'running, "fast"' },
  { kind: 'bytes', atMs: 2.000000000000001, epochMs: 1763880000001, bytes: Buffer.from('1,2\r\n') },
  {
    kind: 'samples',
    count: 2,
    timeMs: Float64Array.of(1763880000001.123, 1763880000002),
    values: Float32Array.of(0.1, -3, 1e-30, 16_777_217),
  },
  { kind: 'gap', lengthMs: 1500, reason: 'late' },
  { kind: 'bytes', atMs: 3, epochMs: 1763880000003, bytes: Uint8Array.of(0xaa, 0, 255, 10) },
  { kind: 'label', atMs: 4, label: null },
  { kind: 'samples', count: 1, timeMs: Float64Array.of(5), values: Float32Array.of(1, 2) },
  { kind: 'closed', atMs: 6, reason: 'hungUp' },
];

async function record(path: string): Promise<void> {
  const writer = await RecordingWriter.create(path, header);
  for (const entry of entries) {
    writer.write(entry);
  }
  await writer.end(7);
}

async function read(path: string): Promise<RecordingEntry[]> {
  const found: RecordingEntry[] = [];
  for await (const entry of (await openRecording(path)).entries) {
    found.push(entry.kind === 'bytes' ? { ...entry, bytes: Uint8Array.from(entry.bytes) } : entry);
  }
  return found;
}

const bytesPlain = entries.map((entry) =>
  entry.kind === 'bytes' ? { ...entry, bytes: Uint8Array.from(entry.bytes) } : entry,
);

describe('a recording', () => {
  test('is read as it was written, every number with the same bits', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    await record(path);
    assert.deepEqual((await openRecording(path)).header, header);
    assert.deepEqual(await read(path), [...bytesPlain, { kind: 'end', atMs: 7 }]);
  });

  test('is a gzip file of JSON lines', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    await record(path);
    const lines = execFileSync('gzip', ['-dc', path], { encoding: 'utf8' }).trimEnd().split('\n');
    assert.equal(lines.length, entries.length + 2);
    assert.deepEqual(JSON.parse(lines[3] ?? ''), {
      text: '1,2\r\n',
      atMs: 2.000000000000001,
      epochMs: 1763880000001,
    });
  });

  test('gives its samples as CSV, with the label of each', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    await record(path);
    const lines: string[] = [];
    for await (const line of csvLines(await openRecording(path))) {
      lines.push(line);
    }
    assert.deepEqual(lines, [
      'time_ms,x,y,label',
      '1763880000001.123,0.1,-3,"running, ""fast"""',
      '1763880000002,1e-30,16777216,"running, ""fast"""',
      '5,1,2,',
    ]);
  });

  test('that is cut at any byte gives all that was written before, and no end', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    await record(path);
    const whole = readFileSync(path);
    const tail = gzipSync('{"label":"later","atMs":8}\n');
    for (let cut = 0; cut < tail.length; cut += 1) {
      writeFileSync(path, Buffer.concat([whole, tail.subarray(0, cut)]));
      const found = await read(path);
      assert.ok(found.length === entries.length + 1 || found.at(-1)?.kind === 'label', `${cut}`);
      assert.deepEqual(found.slice(0, entries.length), bytesPlain);
    }
  });

  test('survives a kill: what was written a flush ago is there', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { RecordingWriter } = await import(${JSON.stringify(writerUrl)});
        const writer = await RecordingWriter.create(${JSON.stringify(path)}, ${JSON.stringify(header)}, { flushMs: 1 });
        let n = 0;
        setInterval(() => writer.write({ kind: 'label', atMs: (n += 1), label: 'on' }), 1);
        setInterval(() => n > 50 && process.stdout.write('.'), 5);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    // However busy the machine is: what was flushed before is there after.
    let flushed = 0;
    while (flushed <= 10) {
      flushed = await read(path).then(({ length }) => length, () => 0); // oxfmt-ignore
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const found = await read(path);
    assert.ok(found.length >= flushed, `${found.length} entries`);
    found.forEach((entry, n) =>
      assert.deepEqual(entry, { kind: 'label', atMs: n + 1, label: 'on' }),
    );
  });

  test('that is none, or damaged, or of a later format is refused by name', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    const refused = (expected: RegExp): Promise<void> =>
      assert.rejects(
        read(path),
        (error: Error) => error.message.includes(path) && expected.test(error.message),
      );
    writeFileSync(path, 'x,y\n1,2\n');
    await refused(/incorrect header check/);
    writeFileSync(path, gzipSync('x,y\n1,2\n'));
    await refused(/no recording of lstmd/);
    writeFileSync(path, gzipSync('{"lstmd":"recording","format":2}\n'));
    await refused(/format is 2.*newer lstmd/);
    writeFileSync(path, '');
    await refused(/it is empty/);
    const line = JSON.stringify({ lstmd: 'recording', format: 1, ...header });
    writeFileSync(path, gzipSync(`${line}\n{"samples":[[1,2,3,4]]}\n`));
    await refused(/line 2 of its text: no entry.*samples/);
    writeFileSync(path, gzipSync(`${line}\n`));
    truncateSync(path, statSync(path).size - 3);
    assert.deepEqual(await read(path), []);
  });

  test('never writes over a file that exists', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    await record(path);
    await assert.rejects(
      RecordingWriter.create(path, header),
      /cannot begin .*walk\.rec\.gz: file already exists/,
    );
  });

  test('tells once that no more can be written, and what it holds can be read', async (t) => {
    const path = join(testFolder(t), 'walk.rec.gz');
    const script = `
      const { RecordingWriter } = await import(${JSON.stringify(writerUrl)});
      const { randomBytes } = await import('node:crypto');
      const writer = await RecordingWriter.create(${JSON.stringify(path)}, ${JSON.stringify(header)}, {
        flushMs: 1,
        onFailure: (error) => process.stdout.write('failed: ' + error.message + '\\n'),
      });
      for (let n = 0; n < 3; n += 1) {
        writer.write({ kind: 'bytes', atMs: n, epochMs: n, bytes: randomBytes(300_000) });
      }
      await writer.end(9).catch((error) => process.stdout.write('end: ' + error.code + '\\n'));`;
    // A limit on the size of files stands in for a full disk: a write beyond it fails.
    const out = execFileSync(
      'bash',
      [
        '-c',
        'trap "" XFSZ; ulimit -f 100; exec "$@"',
        'bash',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      ],
      { encoding: 'utf8' },
    );
    const lines = out.trimEnd().split('\n');
    assert.equal(lines.length, 2, out);
    assert.match(
      lines[0] ?? '',
      /^failed: cannot write .*walk\.rec\.gz: file too large; .*can be read$/,
    );
    assert.equal(lines[1], 'end: recording.write');
    assert.deepEqual((await openRecording(path)).header, header);
  });
});
