import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cobs, cobsEncoded } from '#src/simulator/encoders/cobs.js';
import { assertFindsItsWay, bytesOf, decoderOf } from './frame-cases.js';
import { DecoderRecorder } from './recorder.js';

const section = { decoder: 'cobs' };

describe('cobs', () => {
  test('reads a frame that was made by hand', () => {
    // Sequence 258, the readings 1, -2 and 0.5, and the CRC-16 CCITT-FALSE of these 14 bytes.
    const frame = bytesOf('03 02 01 01 03 80 3f 01 01 02 c0 01 01 04 3f ad 66 00');
    const recorder = new DecoderRecorder(decoderOf(section)).push(frame);
    assert.deepEqual([recorder.events, recorder.counts], [[[1, -2, 0.5]], [258]]);
  });

  test('is COBS as its authors have it, also beyond 254 bytes', () => {
    const cases: [string, string][] = [
      ['00', '01 01 00'],
      ['00 00', '01 01 01 00'],
      ['11 22 00 33', '03 11 22 02 33 00'],
      ['11 22 33 44', '05 11 22 33 44 00'],
      ['11 00 00 00', '02 11 01 01 01 00'],
    ];
    for (const [plain, encoded] of cases) {
      assert.deepEqual(Buffer.from(cobsEncoded(bytesOf(plain))), bytesOf(encoded));
    }
    const long = cobsEncoded(new Uint8Array(255).fill(7));
    assert.deepEqual([long[0], long[255], long.length], [255, 2, 258]);
    const axes = Array.from({ length: 64 }, (_, n) => `a${n}`);
    const row = Float32Array.from(axes, (_, n) => 1.1 + n);
    const recorder = new DecoderRecorder(decoderOf({ ...section, axes }));
    recorder.push(cobs.create(64)(row)).push(cobs.create(64)(row));
    assert.deepEqual(recorder.events, [[...row], [...row]]);
  });

  test('finds its way, and numbers its rows', () => {
    const encode = cobs.create(3);
    const frames = Array.from({ length: 5 }, (_, n) =>
      Uint8Array.from(encode(Float32Array.of(n, -n, 0.5 + n))),
    );
    assertFindsItsWay(() => decoderOf(section), frames, { noise: bytesOf('07 00 00 41 42 00') });
    const recorder = new DecoderRecorder(decoderOf(section));
    recorder.push(Buffer.concat(frames.filter((_, n) => n !== 2)));
    assert.deepEqual(recorder.counts, [0, 1, 3, 4]);
  });

  test('loses no row with the end of a frame that the opening cut', () => {
    const frame = Uint8Array.from(cobs.create(3)(Float32Array.of(1, 2, 3)));
    const decoder = decoderOf(section);
    decoder.reset();
    const recorder = new DecoderRecorder(decoder).push(frame.subarray(5)).push(frame);
    assert.deepEqual(recorder.events, [[1, 2, 3]]);
  });

  test('refuses a reading that is not finite, and frames of another length', () => {
    const infinite = new DecoderRecorder(decoderOf(section));
    infinite.push(cobs.create(3)(Float32Array.of(1, Infinity, 3)));
    assert.deepEqual([infinite.events, infinite.counted['nonFinite']], [['lost'], 1]);
    const other = new DecoderRecorder(decoderOf(section));
    const frame = cobs.create(4)(Float32Array.of(1, 2, 3, 4));
    const bytes = Buffer.concat(Array.from({ length: 5 }, () => frame));
    other.push(bytes);
    assert.equal(other.counted['rows'], undefined);
    assert.match(other.decoder.diagnose(bytes).cause, /another length than 3 readings need/);
  });
});
