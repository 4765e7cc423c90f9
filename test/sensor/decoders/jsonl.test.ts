import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decoders } from '#src/sensor/decoders/registry.js';
import { decoderOf } from './frame-cases.js';
import { assertReadHoweverCut, DecoderRecorder, type DecodedEvent } from './recorder.js';

const section = { decoder: 'jsonl' };

function read(text: string, options: object = {}): DecoderRecorder {
  return new DecoderRecorder(decoderOf({ ...section, ...options })).push(text);
}

describe('jsonl', () => {
  const lines: [what: string, text: string, options?: object, events?: DecodedEvent[]][] = [
    ['keys', '{"x":1,"y":-2.5,"z":3e1}\r\n', {}, [[1, -2.5, 30]]],
    ['any order, further keys and blanks', '{ "t": "a\\"b", "z" : 3 , "y":2,"x":1,"ok":true }\n'],
    [
      'keys of Adafruit',
      '{"accel_x":1,"accel_y":2,"accel_z":3,"gyro_x":7,"gyro_y":8,"gyro_z":9}\n',
    ],
    ['keys of M5Stack', '{"accX":1,"accY":2,"accZ":3,"gyrX":7}\n'],
    ['nested keys', '{"accel":{"x":1,"y":2,"z":3},"temp":21.5}\n'],
    ['an array', '[1,2,3]\n'],
    ['an array within', '{"gyro":[7,8,9],"acc":[1,2,3]}\n', { paths: ['acc.0', 'acc.1', 'acc.2'] }],
    ['paths', '{"a":{"b":[0,{"c":1}],"d":2},"e":3}\n', { paths: ['a.b.1.c', 'a.d', 'e'] }],
  ];
  for (const [what, text, options, events = [[1, 2, 3]]] of lines) {
    test(`reads ${what}`, () => {
      const recorder = read(text.repeat(3), options);
      assert.deepEqual(
        recorder.events,
        [...events, ...events, ...events],
        recorder.decoder.rejection,
      );
    });
  }

  const good = '{"x":1,"y":2,"z":3}\n';
  const lost: [what: string, line: string, reason: string][] = [
    ['no number', '{"x":1,"y":null,"z":3}', 'nonFinite'],
    ['a text for a number', '{"x":1,"y":"2","z":3}', 'missing'],
    ['a key too few', '{"x":1,"y":2}', 'missing'],
    ['a key twice', '{"x":1,"x":1,"y":2,"z":3}', 'malformed'],
    ['no end', '{"x":1,"y":2,"z":3', 'malformed'],
    ['something behind it', '{"x":1,"y":2,"z":3}}', 'malformed'],
    ['no colon', '{"x" 1,"y":2,"z":3}', 'malformed'],
    ['a damaged number', '{"x":1.2.3,"y":2,"z":3}', 'nonFinite'],
    ['two objects', '{"x":1,"y":2,"z":3}{"x":1,"y":2,"z":3}', 'malformed'],
    ['brackets without end', '['.repeat(2000), 'malformed'],
  ];
  for (const [what, line, reason] of lost) {
    test(`loses a line with ${what}, and only that`, () => {
      const recorder = read(`${good}${line}\n${good}`);
      assert.deepEqual(recorder.events, [[1, 2, 3], 'lost', [1, 2, 3]]);
      assert.deepEqual(recorder.counted, { rows: 2, [reason]: 1 });
    });
  }

  test('passes over a boot log and objects of another kind', () => {
    const recorder = read(`ets Jun  8 2016\n${good}{"status":"ok"}\n\n${good}`);
    assert.deepEqual(recorder.events, [
      [1, 2, 3],
      [1, 2, 3],
    ]);
    assert.deepEqual(recorder.counted, { rows: 2, text: 2, otherLines: 1 });
  });

  test('takes no axis that two numbers may be, and says what there is', () => {
    const recorder = read('{"left":{"x":1,"y":2,"z":3},"right":{"x":1,"y":2,"z":3}}\n');
    assert.deepEqual(recorder.events, ['lost']);
    assert.match(recorder.decoder.rejection ?? '', /has left\.x, left\.y.*say in sensor\.paths/);
    assert.deepEqual(read('[1,2,3,4]\n').events, ['lost']);
  });

  test('learns nothing from a damaged key, and from three lines that a firmware has changed', () => {
    const [line, damaged] = ['{"a":{"x":1,"y":2,"z":3}}\n', '{"b":{"x":1,"y":2,"z":3}}\n'];
    const recorder = read(line);
    const { learnt, learntText } = recorder.decoder;
    assert.match(learntText ?? '', /^the axes are found by their names: x at "/);
    recorder.push(damaged + damaged + line + damaged + damaged);
    assert.equal(recorder.decoder.learnt, learnt);
    assert.deepEqual(recorder.events, [
      [1, 2, 3],
      [1, 2, 3],
    ]);
    recorder.push(damaged);
    assert.notEqual(recorder.decoder.learnt, learnt);
    assert.deepEqual(recorder.events.at(-1), [1, 2, 3]);
    assert.equal(recorder.events.length, 3);
  });

  test('gives the time of the sensor', () => {
    const recorder = read('{"t":1500,"x":1,"y":2,"z":3}\n', { timePath: 't', timeUnit: 'us' });
    assert.deepEqual([recorder.events, recorder.timesMs], [[[1, 2, 3]], [1.5]]);
    assert.deepEqual(read(good, { timePath: 't' }).counted, { missing: 1 });
  });

  test('keeps where the axes are over a restart, and believes nothing else', () => {
    const { learnt } = read('{"a":{"z":1,"y":2,"x":3}}\n').decoder;
    const decoder = decoderOf(section);
    assert.equal(decoder.restore?.(JSON.parse(JSON.stringify(learnt))), true);
    const recorder = new DecoderRecorder(decoder).push('{"a":{"z":1,"y":2,"x":3}}\n');
    assert.deepEqual(recorder.events, [[3, 2, 1]]);
    for (const other of [
      null,
      {},
      { ...learnt, axes: ['a'] },
      { ...learnt, paths: ['x', 'x', 'y'] },
    ]) {
      assert.equal(decoderOf(section).restore?.(other), false);
    }
  });

  test('reads the same however the bytes are cut', () => {
    const text = `boot\r\n${good}{"x":1,"y":2}\n{"x":[\n${good}`;
    assertReadHoweverCut(() => decoderOf(section), Buffer.from(text));
  });

  test('refuses paths that do not fit the axes', () => {
    const definition = decoders.find(({ name }) => name === 'jsonl');
    const fault = (paths: string[]): string =>
      definition?.faults({ axes: ['x', 'y'], paths, timeUnit: 'ms' } as never)[0]?.message ?? '';
    assert.match(fault(['a']), /one entry an axis/);
    assert.match(fault(['a', 'a']), /another place/);
    assert.equal(fault(['a', 'b']), '');
  });
});
