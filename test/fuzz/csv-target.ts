import assert from 'node:assert/strict';
import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import type { Draw } from '../support/draw.js';
import type { FuzzTarget } from './fuzz-cases.js';

const numbers = [
  '0',
  '-0',
  '1',
  '-276',
  '3.25',
  '.5',
  '5.',
  '+7e2',
  '1e-45',
  '1e38',
  '0.1',
  '16777217',
];
const others = ['', ' ', 'nan', 'inf', '1e39', '0x1F', '1.2.3', '12:30', '-', '3e', 'x', 'hello', '"q"', '9'.repeat(400), '1e', '--1', '1_0', '\u00e9', '"']; // oxfmt-ignore
const separators = [',', ',', ',', ';', '\t', ' ', ', '];
const ends = ['\n', '\n', '\n', '\r\n', ',\n', '\0\n', ' \r\n', ''];
const plain = /^ *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *$/;

/** Takes what the decoder says as one list. */
function decoded(decoder: CsvDecoder, chunks: readonly Uint8Array[]): string[] {
  const events: string[] = [];
  const { axes } = decoder;
  for (const chunk of chunks) {
    // A link reuses its buffer: what is kept of a chunk must have been copied.
    const reused = Uint8Array.from(chunk);
    decoder.push(reused, {
      rows: (values, count) => {
        for (let row = 0; row < count; row += 1) {
          const readings = [...values.subarray(row * axes, (row + 1) * axes)];
          assert.ok(readings.every(Number.isFinite), 'a row that is not finite');
          events.push(readings.join());
        }
      },
      lost: (count) => events.push(...Array.from({ length: count }, () => 'lost')),
    });
    reused.fill(0x37);
  }
  return events;
}

function line(draw: Draw, axes: number): string {
  if (draw.chance(0.03)) {
    return `${draw.one(['x,y,z', 'z;x;y', 't,x,y,z', '"X","Y"'])}\n`;
  }
  if (draw.chance(0.02)) {
    return '7'.repeat(draw.whole(1000, 1100)) + draw.one(ends);
  }
  const fields = draw.chance(0.7) ? axes : draw.whole(0, 9);
  const separator = draw.one(separators);
  const field = () => (draw.chance(0.93) ? draw.one(numbers) : draw.one(others));
  return Array.from({ length: fields }, field).join(separator) + draw.one(ends);
}

function stream(draw: Draw, axes: number): Buffer {
  const bytes = Buffer.from(
    Array.from({ length: draw.whole(0, 30) }, () => line(draw, axes)).join(''),
    'latin1',
  );
  if (draw.chance(0.4)) {
    for (let left = draw.whole(1, 6); left > 0 && bytes.length > 0; left -= 1) {
      bytes[draw.whole(0, bytes.length - 1)] = draw.whole(0, 255);
    }
  }
  return bytes;
}

function cut(draw: Draw, bytes: Uint8Array): Uint8Array[] {
  const most = draw.one([1, 3, 40, 4096]);
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const length = draw.whole(0, most);
    chunks.push(bytes.subarray(from, from + length));
    from += length;
  }
  return chunks;
}

/** LF, CR and CRLF end a line. */
const lineEnd = /\r\n|\r|\n/g;

/** The rows of lines that no reading of the format can see otherwise, in their order. */
function evident(text: string, axes: number): string[] {
  return text
    .split(lineEnd)
    .slice(0, -1)
    .flatMap((each) => {
      const fields = each.split(',');
      if (each.length > 1024 || fields.length !== axes) {
        return [];
      }
      if (!fields.every((field) => plain.test(field))) {
        return [];
      }
      const readings = fields.map((field) => Math.fround(Number(field)));
      return readings.every(Number.isFinite) ? [readings.join()] : [];
    });
}

/** Lines of every kind, damaged and cut anywhere. */
export const csvTarget: FuzzTarget = {
  name: 'csv',
  run(draw) {
    const axes = draw.whole(1, 4);
    const names = ['x', 'y', 'z', 'w'].slice(0, axes);
    const columns = draw.chance(0.3) ? names.map((_, n) => n + draw.whole(0, 2) * 4) : undefined;
    const bytes = stream(draw, axes);
    const whole = new CsvDecoder({ axes: names, columns });
    const events = decoded(whole, [bytes]);

    const inPieces = new CsvDecoder({ axes: names, columns });
    assert.deepEqual(decoded(inPieces, cut(draw, bytes)), events, 'cut otherwise, read otherwise');
    assert.deepEqual(inPieces.counters, whole.counters);

    const { bytes: counted, rows, text, partial, ...lost } = whole.counters;
    const sum = Object.values(lost).reduce((total, each) => total + each, 0);
    assert.equal(counted, bytes.length);
    assert.equal(rows + sum, events.length);
    const latin1 = bytes.toString('latin1');
    const lineEnds = latin1.match(lineEnd)?.length ?? 0;
    assert.equal(rows + text + partial + sum, lineEnds, 'a line that is not counted');

    if (columns === undefined && !/[xyzw]/i.test(latin1)) {
      let next = 0;
      const rowsDue = evident(latin1, axes);
      for (const event of events) {
        if (event === rowsDue[next]) {
          next += 1;
        }
      }
      assert.equal(next, rowsDue.length, `not read: ${rowsDue[next]}`);
    }
    return sum > 0 ? 'rows lost' : 'nothing lost';
  },
};
