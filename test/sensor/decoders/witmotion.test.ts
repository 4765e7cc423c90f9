import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertFindsItsWay, bytesOf, decoderOf, rounded } from './frame-cases.js';
import { DecoderRecorder } from './recorder.js';

/** Frames of the vendor's manual and SDK: 1 g upwards at 25 degrees, and the ends of the range. */
const upwards = bytesOf('55 51 00 00 00 00 00 08 C4 09 7B');
const extremes = bytesOf('55 51 00 F8 00 04 00 80 9C FF BD');
const section = { decoder: 'witmotion' };
const sixAxes = { ...section, axes: ['ax', 'ay', 'az', 'gx', 'gy', 'gz'] };

function frame(type: number, words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(11);
  bytes.set([0x55, type]);
  for (const [n, word] of words.entries()) {
    bytes.writeInt16LE(word, 2 + 2 * n);
  }
  bytes[10] = bytes.subarray(0, 10).reduce((sum, byte) => sum + byte, 0);
  return bytes;
}

function longFrame(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.set([0x55, 0x61]);
  for (const [n, word] of words.entries()) {
    bytes.writeInt16LE(word, 2 + 2 * n);
  }
  return bytes;
}

const rotation = frame(0x52, [16384, 0, -16384, 0]);
const angles = frame(0x53, [0, 8192, -8192, 0]);

describe('witmotion', () => {
  test('reads the golden frames in g', () => {
    const recorder = new DecoderRecorder(decoderOf(section)).push(
      Buffer.concat([upwards, extremes]),
    );
    assert.deepEqual(recorder.events, [
      [0, 0, 1],
      [-1, 0.5, -16],
    ]);
    assert.deepEqual(recorder.decoder.units, ['g', 'g', 'g']);
    assert.deepEqual(recorder.counted, { rows: 2, frames: 2 });
  });

  test('finds its way', () => {
    assertFindsItsWay(() => decoderOf(section), [upwards, extremes, upwards, extremes]);
  });

  test('completes a row with the last of its frames, in any order of axes', () => {
    const bytes = Buffer.concat([upwards, rotation, angles, extremes, rotation, angles]);
    const recorder = new DecoderRecorder(decoderOf(sixAxes)).push(bytes);
    assert.deepEqual(rounded(recorder.events, 0), [
      [0, 0, 1, 1000, 0, -1000],
      [-1, 1, -16, 1000, 0, -1000],
    ]);
    assert.deepEqual(recorder.decoder.units.slice(3), ['deg/s', 'deg/s', 'deg/s']);
    const mixed = decoderOf({ ...section, axes: ['tilt', 'up'], fields: ['pitch', 'az'] });
    assert.deepEqual(new DecoderRecorder(mixed).push(bytes).events, [
      [45, 1],
      [45, -16],
    ]);
  });

  test('loses the row that lacks a frame, once, and joins no two samples', () => {
    const damaged = Uint8Array.from(rotation);
    damaged[4] = 0xff;
    const headless = Uint8Array.from(rotation);
    headless[0] = 0x54;
    for (const hit of [damaged, headless]) {
      const bytes = Buffer.concat([upwards, rotation, upwards, hit, extremes, rotation]);
      const recorder = new DecoderRecorder(decoderOf(sixAxes)).push(bytes);
      assert.deepEqual(rounded(recorder.events, 0), [
        [0, 0, 1, 1000, 0, -1000],
        'lost',
        [-1, 1, -16, 1000, 0, -1000],
      ]);
    }
  });

  test('loses no row of acceleration with a frame of another type', () => {
    const damaged = Uint8Array.from(rotation);
    damaged[4] = 0xff;
    const bytes = Buffer.concat([upwards, rotation, upwards, damaged, extremes, rotation]);
    const recorder = new DecoderRecorder(decoderOf(section)).push(bytes);
    assert.deepEqual(recorder.events, [
      [0, 0, 1],
      [0, 0, 1],
      [-1, 0.5, -16],
    ]);
    assert.equal(recorder.counted['badChecksum'], 1);
  });

  test('says that the type that it needs does not come', () => {
    const decoder = decoderOf(section);
    const recorder = new DecoderRecorder(decoder).push(Buffer.concat([rotation, angles]));
    assert.deepEqual(recorder.counted, { frames: 2, otherFrames: 2 });
    assert.match(decoder.diagnose(rotation).cause, /sends frames 55 52, and none of the type/);
  });

  test('locks on long frames, which have no checksum, after three headers', () => {
    const frames = [0, 1, 2, 3].map((n) =>
      longFrame([2048 * n, -2048, 0, 16384, 0, 0, 8192, 0, 0]),
    );
    const nine = { ...sixAxes, axes: [...sixAxes.axes, 'roll', 'pitch', 'yaw'] };
    const recorder = new DecoderRecorder(decoderOf(nine));
    recorder.push(Buffer.concat([bytesOf('00 55 61 07'), ...frames]));
    // The last waits for what follows it.
    assert.deepEqual(rounded(recorder.events, 0), [
      [0, -1, 0, 1000, 0, 0, 45, 0, 0],
      [1, -1, 0, 1000, 0, 0, 45, 0, 0],
      [2, -1, 0, 1000, 0, 0, 45, 0, 0],
    ]);
    const [first = new Uint8Array(), ...rest] = frames;
    const torn = Buffer.concat([...frames, first.subarray(0, 13), ...frames, ...rest]);
    const events = new DecoderRecorder(decoderOf(section)).push(torn).events;
    assert.deepEqual(events.filter((event) => event === 'lost').length, 1);
    for (const event of events) {
      assert.ok(event === 'lost' || event[1] === -1, 'a row of shifted bytes');
    }
  });
});
