import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../support/random.js';
import { decoderOf } from '../frame-cases.js';
import { DecoderRecorder } from '../recorder.js';

const numbers = [
  '1',
  '-2.5',
  '0.125',
  ' 7',
  '3 ',
  '+4',
  '1e3',
  '-0',
  '6.',
  '.5',
  '123456789012345',
];
const oddValues = [
  '',
  '-',
  'nan',
  'null',
  '"s"',
  '[1]',
  '{"q":1}',
  '1234567890123456789',
  '1 2',
  '\0',
  '1e999',
];

/** A decoder, how its lines are written, and a line that is read first. */
const cases: readonly [
  Parameters<typeof decoderOf>[0],
  good: string,
  write: (values: readonly string[]) => string,
][] = [
  [
    { decoder: 'jsonl', axes: ['x', 'y'] },
    '{"t":5,"x":1,"s":"a","y":2}',
    ([a = '', b = '', c = '', d = '']) => `{"t":${a},"x":${b},"s":"${c}","y":${d}}`,
  ],
  [
    { decoder: 'jsonl', axes: ['x', 'y'], paths: ['a.0', 'a.2'], timePath: 't' },
    '{"a":[1,true,3],"t":17}',
    ([a = '', b = '', c = '', d = '']) => `{"a":[${a},${b},${c}],"t":${d}}`,
  ],
  [{ decoder: 'jsonl', axes: ['x', 'y'] }, '[1,2]', ([a = '', b = '']) => `[${a},${b}]`],
  [
    { decoder: 'csv', axes: ['x', 'y'] },
    'x:1,t:3,y:2',
    ([a = '', b = '', c = '']) => `x:${a},t:${b},y:${c}`,
  ],
  [
    { decoder: 'csv', axes: ['x', 'y'] },
    'X: 1 Y: 2 m/s2',
    ([a = '', b = '']) => `X: ${a} Y: ${b} m/s2`,
  ],
];

test('lines that are written as the one before are read as each alone', () => {
  const random = seededRandom(11);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  let rows = 0;
  for (let n = 0; n < 4000; n += 1) {
    const [section, good, write] = cases[n % cases.length] ?? cases[0] ?? [];
    assert.ok(section && good !== undefined && write);
    const values = Array.from({ length: 4 }, () => pick(random() < 0.1 ? oddValues : numbers));
    const whole = write(values);
    // One character is taken out, doubled or put in.
    const at = Math.floor(random() * whole.length);
    const damage = ['', whole.charAt(at).repeat(2), pick([':', ',', '}', ' ', '"', '\\', 'e'])];
    const line = random() < 0.3 ? whole.slice(0, at) + pick(damage) + whole.slice(at + 1) : whole;
    // Behind a line of another shape nothing is known of this one.
    const other = good
      .replace(/]$/, ' ]')
      .replace(/^\{/, '{"other":1,')
      .replace(/^x/, 'o:1,x')
      .replace(/^X/, 'O: 1 X');
    const slow = new DecoderRecorder(decoderOf(section)).push(`${good}\n${other}\n`);
    const fast = new DecoderRecorder(decoderOf(section)).push(`${good}\n${good}\n`);
    const [slowBefore, fastBefore] = [slow.events.length, fast.events.length];
    const slowRows = slow.counted['rows'] ?? 0;
    slow.push(`${line}\n`);
    fast.push(`${line}\n`);
    const shown = JSON.stringify([section, line]);
    assert.deepEqual(fast.events.slice(fastBefore), slow.events.slice(slowBefore), shown);
    assert.deepEqual(fast.timesMs.slice(fastBefore), slow.timesMs.slice(slowBefore), shown);
    rows += (slow.counted['rows'] ?? 0) - slowRows;
  }
  assert.ok(rows > 1000, `${rows} rows`);
});

test('a JSON line in which an axis stands twice is no row, whatever the first is', () => {
  const recorder = new DecoderRecorder(decoderOf({ decoder: 'jsonl', axes: ['x', 'y'] }));
  recorder.push('{"x":1,"y":2}\n{"x":null,"y":2,"x":3}\n{"x":1,"y":2,"x":3}\n{"x":4,"y":5}\n');
  assert.deepEqual(recorder.events, [[1, 2], 'lost', 'lost', [4, 5]]);
});
