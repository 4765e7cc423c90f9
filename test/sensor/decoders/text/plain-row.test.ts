import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import type { CsvOptions } from '#src/sensor/decoders/csv-options.js';
import { seededRandom } from '../../../support/random.js';
import { DecoderRecorder } from '../recorder.js';

const pieces = [
  '1',
  '-2.5',
  '0.125',
  ' 7',
  '3 ',
  '+4',
  '1e3',
  '',
  ' ',
  'a',
  '.5',
  '6.',
  '-',
  '12345678901234567',
  '\0',
];
const separators = [',', ',', ',', ';', '\t', ' ', ', '];
const cases: readonly [CsvOptions, header: string, good: string][] = [
  [{ axes: ['x', 'y'] }, '', '1,2'],
  [{ axes: ['x', 'y'], timeColumn: 0 }, '', '1,2,3'],
  [{ axes: ['x', 'y'] }, 'name,y,x\n', 'a,1,2'],
  [{ axes: ['x', 'y'], timeColumn: 't' }, 't,y,x,rest\n', '1,2,3,4'],
];

test('rows are read in one pass as they are field by field', () => {
  const random = seededRandom(5);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  let rows = 0;
  for (let n = 0; n < 4000; n += 1) {
    const [options, header, good] = cases[n % cases.length] ?? [{ axes: [] }, '', ''];
    const usual = pick(separators);
    const fields = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(pieces));
    const line = fields
      .map((field) => field + (random() < 0.1 ? pick(separators) : usual))
      .join('')
      .slice(0, random() < 0.2 ? undefined : -usual.length);
    // With a prefix, be it empty, every line is read field by field.
    const slow = new DecoderRecorder(new CsvDecoder({ ...options, prefix: '' })).push(
      `${header}${line}\n`,
    );
    const fast = new DecoderRecorder(new CsvDecoder(options)).push(`${header}${good}\n${good}\n`);
    const before = fast.events.length;
    fast.push(`${line}\n`);
    assert.deepEqual(fast.events.slice(before), slow.events, JSON.stringify([options, line]));
    assert.deepEqual(fast.timesMs.slice(before), slow.timesMs, JSON.stringify([options, line]));
    rows += slow.counted['rows'] ?? 0;
  }
  assert.ok(rows > 300, `${rows} rows`);
});

test('lines that follow each other are read as each alone, wherever the bytes are cut', () => {
  const random = seededRandom(6);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  let rows = 0;
  for (const [options, header, good] of cases) {
    const lines = Array.from({ length: 1500 }, () => {
      const chance = random();
      const value = (random() - 0.5).toFixed(1 + Math.floor(14 * random()));
      const line = chance < 0.9 ? good.replace(/\d$/, value) : pick([...pieces, `${good},`, good]);
      const blanks = chance < 0.01 ? ' '.repeat(2000) : '';
      return blanks + line + pick(['\n', '\n', '\r\n', '\r\n', '\r', '\n\r']);
    });
    const bytes = Buffer.from(header + lines.join(''), 'latin1');
    // With a prefix, be it empty, every line is read field by field.
    const slow = new DecoderRecorder(new CsvDecoder({ ...options, prefix: '' })).push(bytes);
    const fast = new DecoderRecorder(new CsvDecoder(options));
    for (let at = 0; at < bytes.length;) {
      const next = at + 1 + Math.floor(random() * 4 ** (7 * random()));
      fast.push(bytes.subarray(at, next));
      at = next;
    }
    assert.deepEqual(fast.events, slow.events);
    assert.deepEqual([fast.timesMs, fast.counted], [slow.timesMs, slow.counted]);
    rows += slow.counted['rows'] ?? 0;
  }
  assert.ok(rows > 5000, `${rows} rows`);
});
