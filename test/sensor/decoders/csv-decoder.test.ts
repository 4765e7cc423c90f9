import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CsvCounters } from '#src/sensor/decoders/csv-decoder.js';
import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import type { CsvOptions } from '#src/sensor/decoders/csv-options.js';
import { countLineEnds } from '../../support/line-ends.js';
import { readRows } from './csv-rows.js';
import { Recorder, xyz } from './csv-recorder.js';
import { assertReadHoweverCut } from './recorder.js';

describe('CsvDecoder', () => {
  for (const [what, text, events, options] of readRows) {
    test(`reads ${what}`, () => {
      const { events: read, decoder } = new Recorder(options).push(text);
      assert.deepEqual(read, events);
      assert.equal(decoder.counters.rows, events.length);
      assert.equal(decoder.counters.bytes, text.length);
    });
  }

  const lost: [what: string, line: string, reason: keyof CsvCounters, options?: CsvOptions][] = [
    ['an empty field', '1,,3', 'empty'],
    ['nothing but separators', ',,,', 'empty'],
    ['two separators', ';;', 'fieldCount'],
    ['nan', '1,nan,3', 'nonFinite'],
    ['nan throughout', 'NaN,NaN,NaN', 'nonFinite'],
    ['inf', '1,2,-inf', 'nonFinite'],
    ['what float32 cannot hold', '1,2,1e39', 'nonFinite'],
    ['hex', '1,2,0x1F', 'notNumeric'],
    ['hex throughout', '0x1F,0x20,0x21', 'notNumeric'],
    ['a damaged number', '1,2,3.4.5', 'notNumeric'],
    ['a NUL within a number', '1,2,3\x004', 'notNumeric'],
    ['a word', '1,2,x', 'notNumeric'],
    ['a blank within a number', '1,2 3,4', 'notNumeric'],
    ['a decimal comma without a digit after it', '1,;2;3', 'notNumeric'],
    ['a bare sign', '1,2,-', 'notNumeric'],
    ['a bare exponent', '1,2,3e', 'notNumeric'],
    ['a leading timestamp column', '1234,1,2,3', 'fieldCount'],
    ['a field too few', '1,2', 'fieldCount'],
    ['a torn row with columns', '9,1,2', 'fieldCount', { ...xyz, columns: [1, 2, 3] }],
    ['another checksum', '$ACC,1,2,3*69', 'badChecksum'],
    ['half a checksum', '$ACC,1,2,3*6', 'badChecksum'],
    ['names of other axes', 'x:1,y:2,w:3', 'fieldCount'],
    ['decimal commas and blanks', '1,5 2,5 3,5', 'fieldCount'],
    ['decimal commas and blanks that make three fields', '1,5 2 -3,5', 'notNumeric'],
    ['decimal commas behind names', 'x:1,5 y:2,5 z:3,5', 'fieldCount'],
    ['a decimal comma behind one name', 'x:1;y:2,5;z:3', 'notNumeric'],
    ['a decimal comma behind the last name', 'x:1,y:2,z:3,5', 'fieldCount'],
    ['a name twice', 'x:1,x:2,y:2,z:3', 'fieldCount'],
    ['1025 bytes', `1,2,${'3'.repeat(1021)}`, 'tooLong'],
  ];
  for (const [what, line, reason, options] of lost) {
    test(`loses a row with ${what}, and only that`, () => {
      const good = options === undefined ? '1,2,3\n' : '0,1,2,3\n';
      const { events, counted } = new Recorder(options).push(`${good}${line}\r\n${good}`);
      assert.deepEqual(events, [[1, 2, 3], 'lost', [1, 2, 3]]);
      assert.deepEqual(counted, { rows: 2, [reason]: 1 });
    });
  }

  test('names decimal commas where they are why', () => {
    for (const line of [
      '1,5 2,5 3,5',
      '1,5, 2,5, 3,5',
      '1,5,2,5,3,5',
      'x:1,5 y:2 z:3',
      'x: 1,5; y: 2; z: 3',
    ]) {
      const { decoder } = new Recorder().push(`1,2,3\n${line}\n`);
      assert.match(decoder.rejection ?? '', /decimal comma.*separated by ";" or a tab/, line);
    }
  });

  test('reads names of digits, which are no decimals', () => {
    const { events } = new Recorder({ axes: ['1', '2', '3'] }).push(
      '1:0.5,2:6,3:7\n1:0,2 :6,3=7\n',
    );
    assert.deepEqual(events, [
      [0.5, 6, 7],
      [0, 6, 7],
    ]);
  });

  test('counts lines without a number as text, not as lost rows', () => {
    const text = '\r\nStarted\r\nMPU6050 Found!\nx,y\nhello, world\n\xff\xfe\xb2\n1,2,3\n';
    const { events, decoder, counted } = new Recorder().push(text);
    assert.deepEqual(events, [[1, 2, 3]]);
    assert.deepEqual(counted, { rows: 1, text: 6 });
    assert.equal(decoder.rejection, undefined);
  });

  test('says how to read rows with other columns', () => {
    const { decoder } = new Recorder().push('1234,1,2,3\n');
    assert.match(decoder.rejection ?? '', /4 fields where 3 were expected: "1234,1,2,3".*columns/);
  });

  test('takes no prose, no partial and no ambiguous list of names for a header', () => {
    for (const line of ['Format: x y z', 'x,y', 'x,y,z,x']) {
      assert.deepEqual(new Recorder().push(`${line}\n1,2,3\n`).events, [[1, 2, 3]], line);
    }
  });

  test('holds rows to the fields of the header, and obeys configured columns rather than it', () => {
    const mapped = new Recorder().push('t,x,y,z\n0,1,2,3\n1,2,3\n');
    assert.deepEqual(mapped.events, [[1, 2, 3], 'lost']);
    const configured = new Recorder({ ...xyz, columns: [0, 1, 2] }).push('z,y,x\n1,2,3\n');
    assert.deepEqual(configured.events, [[1, 2, 3]]);
  });

  test('refuses columns that do not fit the axes', () => {
    for (const columns of [
      [0, 1],
      [0, 1, 1],
      [0, 1, 2, 3],
    ]) {
      assert.throws(() => new CsvDecoder({ ...xyz, columns }), { code: 'config.invalid' });
    }
  });

  test('reads the same however the bytes are cut', () => {
    const text = Buffer.from(
      `boot\r\nt;x;y;z\r\n1;-2,5;3;4e-1;\r\n1;;3;4\n\r\r\n9;9;9;9\r\r0;1;2;3\r${'9'.repeat(1100)}\n2;5;6;7\n\0\n3;8;9;10\r\n`,
    );
    assert.equal(new Recorder().push(text).events.length, 7);
    assertReadHoweverCut(() => new CsvDecoder(xyz), text);
  });

  test('gives the time of the sensor, by column or by name', () => {
    const byColumn = new Recorder({ ...xyz, timeColumn: 0, timeUnit: 'us' });
    byColumn.push('1500,1,2,3\n2500,4,5,6\nx,7,8,9\n');
    assert.deepEqual(byColumn.events, [[1, 2, 3], [4, 5, 6], 'lost']);
    assert.deepEqual(byColumn.timesMs, [1.5, 2.5]);
    assert.deepEqual(byColumn.decoder.deviceClock.time?.wrapMs, 4_294_967.296);
    const byName = new Recorder({ ...xyz, timeColumn: 'millis' }).push('x,y,z,millis\n1,2,3,40\n');
    assert.deepEqual([byName.events, byName.timesMs], [[[1, 2, 3]], [40]]);
    const again = new Recorder({ ...xyz, timeColumn: 'millis' });
    assert.ok(again.decoder.restore(byName.decoder.learnt));
    assert.deepEqual(again.push('1,2,3,50\n').timesMs, [50]);
    const beside = new Recorder({ ...xyz, columns: [1, 2, 3], timeColumn: 4 });
    assert.deepEqual(beside.push('0.5,1,2,3,7\n').timesMs, [7]);
  });

  test('reads names however the bytes are cut', () => {
    const text = 'x:1,y:2,z:3\nx:1,y:2\n1,2,3\nX: 4 Y: 5 Z: 6\n$A,1,2,3*5d\n$A,1,2,3*06\n';
    assertReadHoweverCut(() => new CsvDecoder(xyz), Buffer.from(text));
  });

  test('does not keep a view of the chunk, which the link reuses', () => {
    const chunk = Buffer.from('1,2,');
    const recorder = new Recorder().push(chunk);
    chunk.fill(0x37);
    assert.deepEqual(recorder.push('3\n').events, [[1, 2, 3]]);
  });

  test('discards the tail of a line that it began to see in the middle', () => {
    const recorder = new Recorder();
    recorder.decoder.reset();
    assert.deepEqual(recorder.push('23,45,981\n1,2,3\n').events, [[1, 2, 3]]);
    assert.deepEqual(recorder.counted, { rows: 1, partial: 1 });
  });

  test('takes no first line after an opening for a row, however it comes', () => {
    const recorder = new Recorder();
    recorder.decoder.reset();
    assert.deepEqual(recorder.push('68,45,981\n1368,45,981\n').events, [[1368, 45, 981]]);
    assert.deepEqual(recorder.counted, { rows: 1, partial: 1 });
  });

  for (const between of ['', 'boot\r\n', '1,2,3\n9,8,7\n']) {
    test(`reads a header after an opening and ${JSON.stringify(between)}`, () => {
      const recorder = new Recorder();
      recorder.decoder.reset();
      recorder.push(`${between}z,y,x\r\n`);
      assert.deepEqual(recorder.push('1,2,3\r\n').events.at(-1), [3, 2, 1]);
    });
  }

  test('takes a header that lost its first fields for none, and keeps the one before', () => {
    const recorder = new Recorder().push('t,x,y,z\n');
    const before = recorder.decoder.learnt;
    recorder.decoder.reset();
    assert.deepEqual(recorder.push('x,y,z\n9,1,2,3\n').events, [[1, 2, 3]]);
    assert.equal(recorder.decoder.learnt, before);
  });

  test('goes on from a header that it read before a restart, and from no other', () => {
    const { learnt } = new Recorder().push('t,z,y,x\n').decoder;
    const recorder = new Recorder();
    assert.equal(recorder.decoder.restore(JSON.parse(JSON.stringify(learnt))), true);
    recorder.decoder.reset();
    assert.deepEqual(recorder.push('2,3\n0,1,2,3\n').events, [[3, 2, 1]]);
    const others = [
      null,
      [],
      {},
      { ...learnt, axes: ['a', 'b', 'c'] },
      { ...learnt, fields: 3 },
      { ...learnt, fields: 1e9 },
      { ...learnt, columns: [0, 0, 1] },
      { ...learnt, columns: [0.5, 1, 2] },
      { ...learnt, columns: ['0', '1', '2'] },
      { ...learnt, columns: [0, 1] },
    ];
    for (const other of others) {
      const fresh = new Recorder();
      assert.equal(fresh.decoder.restore(other), false, JSON.stringify(other));
      assert.deepEqual(fresh.push('1,2,3\n').events, [[1, 2, 3]]);
    }
    assert.equal(new Recorder({ ...xyz, columns: [0, 1, 2] }).decoder.restore(learnt), false);
  });

  test('does not join what came before a reset to what comes after', () => {
    const recorder = new Recorder().push('1,2,');
    recorder.decoder.reset();
    assert.deepEqual(recorder.push('3\n4,5,6\n').events, [[4, 5, 6]]);
    assert.deepEqual(recorder.counted, { rows: 1, partial: 2 });
  });

  test('passes 16 MiB without a newline in bounded memory, as one lost line', () => {
    const recorder = new Recorder();
    const chunk = Buffer.alloc(4096, '7');
    recorder.push(chunk);
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 4096; n += 1) {
      recorder.push(chunk);
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
    assert.deepEqual(recorder.push('\n1,2,3\n').events, ['lost', [1, 2, 3]]);
    assert.deepEqual(recorder.counted, { rows: 1, tooLong: 1 });
  });

  test('finds the next good row after any garbage, and counts what it saw', () => {
    let state = 12345;
    const garbage = Buffer.from({ length: 64 * 1024 } as ArrayLike<number>);
    for (let n = 0; n < garbage.length; n += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      garbage[n] = state >>> 24;
    }
    const recorder = new Recorder().push(garbage).push('\n1,2,3\n');
    assert.deepEqual(recorder.events.at(-1), [1, 2, 3]);
    const { bytes, ...lines } = recorder.decoder.counters;
    assert.equal(bytes, garbage.length + 7);
    const newlines = countLineEnds(garbage) + 2;
    assert.equal(
      Object.values(lines).reduce((sum, count) => sum + count),
      newlines,
    );
    for (const event of recorder.events) {
      if (event !== 'lost') {
        assert.ok(event.every((value) => Number.isFinite(value)));
      }
    }
  });

  test('passes on more rows than it stages, in their order', () => {
    const rows = Array.from({ length: 1000 }, (_, n) => [n, -n, n / 2]);
    const text = rows.map((row) => `${row.join(',')}\n`).join('');
    assert.deepEqual(
      new Recorder().push(text).events,
      rows.map((row) => row.map((value) => value + 0)),
    );
  });
});
