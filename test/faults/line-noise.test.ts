import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decoder } from '#src/sensor/decoders/decoder.js';
import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import { Draw } from '../support/draw.js';
import { countLineEnds } from '../support/line-ends.js';
import { misread, type FramingFault } from '../support/uart.js';
import { isLong } from './long-run.js';

/** A decoder, and what a sensor that speaks to it sends. */
interface Subject {
  readonly name: string;
  create(): Decoder;
  /** The bytes of one row. */
  frame(row: readonly number[]): Uint8Array;
  /** How many things the decoder has to count in these bytes, whatever they are. */
  countable(bytes: Uint8Array): number;
}

const subjects: readonly Subject[] = [
  {
    name: 'csv',
    create: () => new CsvDecoder({ axes: ['x', 'y', 'z'] }),
    frame: (row) => Buffer.from(`${row.join(',')}\r\n`),
    countable: countLineEnds,
  },
];

/** Three whole readings that no other row has. */
function rowOf(n: number): readonly number[] {
  return [n % 4000, -((7 * n) % 3989), 1000 + (n % 997)];
}

/** Takes rows as text, and how many were lost. */
class Received {
  readonly rows: string[] = [];
  lost = 0;
  readonly decoder: Decoder;

  constructor(subject: Subject) {
    this.decoder = subject.create();
  }

  push(bytes: Uint8Array): void {
    const { axes } = this.decoder;
    this.decoder.push(bytes, {
      rows: (values, count) => {
        for (let row = 0; row < count; row += 1) {
          const readings = [...values.subarray(row * axes, (row + 1) * axes)];
          assert.ok(readings.every(Number.isFinite));
          this.rows.push(readings.join());
        }
      },
      lost: (count) => {
        this.lost += count;
      },
    });
  }

  /** Everything but the bytes. */
  get counted(): number {
    const { bytes = 0, ...things } = this.decoder.counters;
    return bytes === 0 ? 0 : Object.values(things).reduce((sum, count) => sum + count, 0);
  }
}

const bauds = isLong
  ? [9600, 19_200, 38_400, 57_600, 74_880, 115_200, 230_400, 250_000, 460_800, 921_600]
  : [9600, 57_600, 115_200, 921_600];
const framingFaults: readonly FramingFault[] = ['keep', 'nul', 'drop'];
const flipRates = isLong ? [1e-4, 1e-3, 1e-2, 0.1] : [1e-3, 1e-2];
const flippedRows = isLong ? 300_000 : 10_000;

for (const subject of subjects) {
  describe(`${subject.name} on a bad line`, () => {
    test('loses one row at most when the baud rate is right again, and counts the rest', (t) => {
      const sent = Buffer.concat(Array.from({ length: 500 }, (_, n) => subject.frame(rowOf(n))));
      const good = Array.from({ length: 10 }, (_, n) => rowOf(1000 + n));
      let [cases, taken, bytes] = [0, 0, 0];
      for (const sentBaud of bauds) {
        for (const readBaud of bauds) {
          if (sentBaud === readBaud) {
            continue;
          }
          for (const onFault of framingFaults) {
            const what = `${sentBaud} read at ${readBaud}, ${onFault}`;
            const received = new Received(subject);
            const garbage = misread(sent, sentBaud, readBaud, onFault);
            received.push(garbage);
            taken += received.rows.length;
            for (const row of good) {
              received.push(subject.frame(row));
            }
            assert.deepEqual(
              received.rows.slice(-9),
              good.slice(1).map((row) => row.join()),
              what,
            );
            const all = Buffer.concat([garbage, ...good.map((row) => subject.frame(row))]);
            assert.equal(received.decoder.counters['bytes'], all.length, what);
            assert.equal(received.counted, subject.countable(all), what);
            cases += 1;
            bytes += garbage.length;
          }
        }
      }
      t.diagnostic(`${cases} cases, ${bytes} bytes of garbage, ${taken} rows seen in them`);
      // A text format has no checksum: a row can be made of garbage, but not as a rule.
      assert.ok(taken * 10_000 < bytes, `${taken} rows taken from ${bytes} bytes of garbage`);
    });

    for (const rate of flipRates) {
      test(`reads every row that no flipped bit touched, at ${rate} a bit`, (t) => {
        const draw = new Draw(1);
        const received = new Received(subject);
        const untouched: string[] = [];
        let countable = 0;
        let joined = false;
        for (let n = 0; n < flippedRows; n += 1) {
          const frame = Uint8Array.from(subject.frame(rowOf(n)));
          let flips = 0;
          for (let bit = 0; bit < 8 * frame.length; bit += 1) {
            if (!draw.chance(rate)) {
              continue;
            }
            frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
            flips += 1;
          }
          if (flips === 0 && !joined) {
            untouched.push(rowOf(n).join());
          }
          // The end of this row is the beginning of the next.
          joined = frame.at(-1) !== 0x0a;
          countable += subject.countable(frame);
          received.push(frame);
        }
        let next = 0;
        for (const row of received.rows) {
          if (row === untouched[next]) {
            next += 1;
          }
        }
        assert.equal(next, untouched.length, `${untouched[next]} is missing`);
        assert.equal(received.counted, countable);
        const wrong = received.rows.length - untouched.length;
        t.diagnostic(
          `${flippedRows} rows: ${untouched.length} untouched and read, ${received.lost} lost, ${wrong} damaged and yet rows`,
        );
      });
    }

    test('reads the same rows from a stream cut at any two places', () => {
      const rows = Array.from({ length: isLong ? 12 : 5 }, (_, n) => rowOf(31 * n));
      const stream = Buffer.concat(rows.map((row) => subject.frame(row)));
      for (let first = 0; first <= stream.length; first += 1) {
        for (let second = first; second <= stream.length; second += 1) {
          const received = new Received(subject);
          received.push(stream.subarray(0, first));
          received.push(stream.subarray(first, second));
          received.push(stream.subarray(second));
          assert.deepEqual(
            received.rows,
            rows.map((row) => row.join()),
            `cut at ${first} and ${second}`,
          );
          assert.equal(received.counted, rows.length);
        }
      }
    });
  });
}
