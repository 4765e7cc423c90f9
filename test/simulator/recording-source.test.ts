import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { RecordingSource } from '#src/simulator/recording-source.js';
import { needsShared, sharedData } from '../support/shared-data.js';

const options = { axes: ['x', 'y', 'z'] };

function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'lstmd-recordings-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

function play(source: RecordingSource, most: number): (string | null)[] {
  const row = new Float32Array(source.axes);
  const played: (string | null)[] = [];
  while (played.length < most && source.next(row)) {
    played.push(`${source.label} ${row.join()}`);
  }
  return played;
}

describe('RecordingSource', () => {
  test('plays a folder in the order of the names, labelled by the folders in it', async (t) => {
    const path = folder(t, {
      'walking/a.csv': '1,2,3\n4,5,6',
      'running/b.csv': 'x,y,z\n7,8,9\n',
      'c.csv': '0,0,0\n',
      'README.md': 'not a recording',
    });
    const source = await RecordingSource.load([path], options);
    assert.equal(source.rows, 4);
    const rows = ['null 0,0,0', 'running 7,8,9', 'walking 1,2,3', 'walking 4,5,6'];
    assert.deepEqual(play(source, 10), rows);
    const looped = await RecordingSource.load([path], { ...options, loop: true });
    assert.deepEqual(play(looped, 6), [...rows, ...rows.slice(0, 2)]);
  });

  test('refuses what it cannot read whole, naming the file', async (t) => {
    const path = folder(t, { 'bad.csv': '1,2,3\n1,2\n', 'empty/empty.csv': 'x,y,z\n' });
    const load = (...names: string[]): Promise<RecordingSource> =>
      RecordingSource.load([join(path, ...names)], options);
    await assert.rejects(load('bad.csv'), { code: 'sensor.input', message: /bad\.csv.*2 fields/ });
    await assert.rejects(load('empty'), { code: 'sensor.input', message: /holds no row/ });
    await assert.rejects(load('none.csv'), { code: 'sensor.input', message: /none\.csv/ });
  });

  test('plays real recordings', { skip: needsShared('stm32-har') }, async () => {
    const path = sharedData('stm32-har');
    const source = await RecordingSource.load([path], options);
    assert.equal(source.rows, 92_000);
    const row = new Float32Array(3);
    assert.ok(source.next(row));
    assert.deepEqual([source.label, ...row], ['running', -276, -85, -309]);
  });
});
