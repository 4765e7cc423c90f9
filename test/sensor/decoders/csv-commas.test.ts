import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CsvOptions } from '#src/sensor/decoders/csv-options.js';
import { Recorder, xyz } from './csv-recorder.js';
import type { DecodedEvent } from './recorder.js';

function rowsOf(text: string, options: Partial<CsvOptions>): DecodedEvent[] {
  return new Recorder({ ...xyz, ...options }).push(text).events;
}

describe('CsvDecoder, where commas separate and may be decimal commas', () => {
  test('refuses a row that columns would read in two ways, with the way out', () => {
    for (const [text, columns] of [
      ['1,5,2,5,3,5\n', [0, 1, 2]],
      ['-1,05,+2,5,3,50\n', [0, 1, 2]],
      // A time comes first.
      ['1234,1,5,2,5,3,5\n', [1, 2, 3]],
      // Whole numbers stand among those with decimals.
      ['1,5,2,3,5\n', [0, 1, 2]],
      ['1,2,5,3\n', [0, 1, 2]],
      ['1,5,2,5\n', [0, 1, 2]],
      ['1,-2,5,-3\n', [0, 1, 2]],
      ['1234,1,5,2,3\n', [1, 2, 3]],
      ['-1,-5,2,5\r\n', [0, 1, 2]],
    ] as const) {
      const recorder = new Recorder({ ...xyz, columns });
      recorder.push(text);
      assert.deepEqual(recorder.events, ['lost']);
      assert.match(
        recorder.decoder.rejection ?? '',
        /commas may .* decimal.*sensor\.decimal: point/,
      );
    }
  });

  test('reads what can be read in one way', () => {
    assert.deepEqual(rowsOf('1,5,2,5,3,5\n', { columns: [0, 1, 2], decimal: 'point' }), [
      [1, 5, 2],
    ]);
    assert.deepEqual(rowsOf('1,5,2,5,3,5\n', { columns: [3, 4, 5] }), [[5, 3, 5]]);
    assert.deepEqual(rowsOf('1;5;2;5;3;5\n', { columns: [0, 1, 2] }), [[1, 5, 2]]);
    assert.deepEqual(rowsOf('1,5.5,2,5,3,5\n', { columns: [0, 1, 2] }), [[1, 5.5, 2]]);
    // A blank stands beside no decimal comma, and a sign after none.
    assert.deepEqual(rowsOf('1, 5, 2, 5\n', { columns: [0, 1, 2] }), [[1, 5, 2]]);
    assert.deepEqual(rowsOf('1,-5,-2,-5\n', { columns: [0, 1, 2] }), [[1, -5, -2]]);
  });

  test('learns that commas separate from a row that can be read in one way', () => {
    const columns = [0, 1, 2];
    assert.deepEqual(rowsOf('1,-5,-2,-3\n1,5,2,3\n1,5,2,3,4\n', { columns }), [
      [1, -5, -2],
      [1, 5, 2],
      'lost',
    ]);
    assert.deepEqual(rowsOf('a,b,c,d,e,f\n1,5,2,5,3,5\n', { columns }), ['lost']);
    // A damaged row teaches nothing.
    assert.deepEqual(rowsOf('1,-5,x,-3\n1,5,2,3\n', { columns }), ['lost', 'lost']);
  });

  test('learns it from points in three rows, since a flipped bit makes one of a comma', () => {
    const columns = [0, 1, 2];
    const [point, plain] = ['1.5,2,5,3\n', '1,5,2,3\n'];
    assert.deepEqual(rowsOf(point + plain, { columns }), [[1.5, 2, 5], 'lost']);
    const rows = rowsOf(point.repeat(3) + plain, { columns });
    assert.deepEqual(rows.at(-1), [1, 5, 2]);
  });
});
