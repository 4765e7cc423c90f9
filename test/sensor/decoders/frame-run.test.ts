import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoderNameOf, encoders } from '#src/simulator/encoders/registry.js';
import { seededRandom } from '../../support/random.js';
import { bytesOf, decoderOf } from './frame-cases.js';
import { DecoderRecorder } from './recorder.js';

const axes = ['x', 'y', 'z'];
const rows = 700;
/** Ends no frame and begins none; before each frame it has the frame read alone, and never in a run. */
const noise: Readonly<Record<string, string>> = { cobs: '00' };

for (const name of ['witmotion', 'vectornav:binary', 'xsens', 'cobs', 'binary']) {
  test(`${name}: frames that follow each other are read as each alone`, () => {
    const encoder = encoders.find((each) => each.name === name);
    assert.ok(encoder);
    const random = seededRandom(3);
    const encode = encoder.create(axes.length);
    const frames = Array.from({ length: rows }, (_, n) => {
      const row = Float32Array.from(axes, () => 8 * random() - 4);
      // Few readings of formats that hold a float32 are no number.
      row[n % 3] = n % 97 === 96 ? Number.NaN : (row[n % 3] ?? 0);
      return Uint8Array.from(encode(row));
    });
    const section = { ...encoder.options(axes), decoder: decoderNameOf(encoder), axes };
    const inRuns = new DecoderRecorder(decoderOf(section)).push(Buffer.concat(frames));
    const alone = new DecoderRecorder(decoderOf(section));
    const before = bytesOf(noise[name] ?? 'fe');
    alone.push(Buffer.concat(frames.flatMap((frame) => [before, frame])));

    assert.deepEqual(inRuns.events, alone.events);
    assert.deepEqual([inRuns.timesMs, inRuns.counts], [alone.timesMs, alone.counts]);
    assert.deepEqual({ ...alone.counted, skippedBytes: 0 }, { ...inRuns.counted, skippedBytes: 0 });
    assert.equal(inRuns.counted['skippedBytes'], undefined);
    assert.equal(inRuns.events.length, rows);
    const finite = inRuns.counted['rows'] ?? 0;
    assert.ok(finite === rows || finite === rows - (inRuns.counted['nonFinite'] ?? 0));
  });
}

/** A standard frame of WitMotion whose fields are all the same. */
function witmotionFrame(type: number, value: number): Uint8Array {
  const bytes = Uint8Array.of(0x55, type, value, 0, value, 0, value, 0, 0, 0, 0);
  bytes[10] = bytes.reduce((sum, byte) => sum + byte, 0);
  return bytes;
}

/** Time, acceleration, rotation and angles of one sample. */
function witmotionSample(n: number): Uint8Array[] {
  return [0x50, 0x51, 0x52, 0x53].map((type) => witmotionFrame(type, (n + type) % 50));
}

/** An MTData2 message with these packets. */
function xsensMessage(packets: string): Uint8Array {
  const data = bytesOf(packets);
  const bytes = Uint8Array.of(0xfa, 0xff, 0x36, data.length, ...data, 0);
  bytes[bytes.length - 1] = -bytes.slice(1).reduce((sum, byte) => sum + byte, 0);
  return bytes;
}

test('WitMotion: samples of several frames are read in runs, and other frames are counted', () => {
  const section = { decoder: 'witmotion', axes: ['gx', 'az'] };
  const recorder = new DecoderRecorder(decoderOf(section));
  recorder.push(Buffer.concat(Array.from({ length: 100 }, (_, n) => witmotionSample(n)).flat()));
  assert.deepEqual(recorder.counted, { rows: 100, frames: 400, otherFrames: 200 });
  const [, second] = recorder.events;
  assert.deepEqual(second, [
    Math.fround(((1 + 0x52) % 50) * (2000 / 32768)),
    Math.fround(((1 + 0x51) % 50) * (16 / 32768)),
  ]);

  // A sample that lacks a frame is no row, and is told.
  const lacking = [
    ...witmotionSample(1),
    ...witmotionSample(2).filter((each) => each[1] !== 0x52),
    ...witmotionSample(3),
  ];
  recorder.push(Buffer.concat([...lacking, ...witmotionSample(4)]));
  assert.deepEqual(recorder.counted, { rows: 103, frames: 415, otherFrames: 208, missed: 1 });
  assert.equal(recorder.events.filter((event) => event === 'lost').length, 1);
});

test('Xsens: a packet that comes twice stands for none that is missing', () => {
  const packet = '40 20 0c 3f800000 40000000 40400000';
  const message = xsensMessage(packet + packet);
  const section = { decoder: 'xsens', axes: ['ax', 'ay', 'az', 'gx', 'gy', 'gz'] };
  const recorder = new DecoderRecorder(decoderOf(section));
  recorder.push(Buffer.concat([message, message]));
  assert.deepEqual(recorder.counted, { frames: 2, otherFrames: 2 });
  assert.match(recorder.decoder.rejection ?? '', /lacks a packet/);
});

test('Xsens: messages whose packets change places are read by what they say', () => {
  const acceleration = '40 20 0c 3f800000 40000000 40400000';
  const rotation = '80 20 0c 41000000 42000000 43000000';
  const usual = xsensMessage(acceleration + rotation);
  const turned = xsensMessage(rotation + acceleration);
  const recorder = new DecoderRecorder(decoderOf({ decoder: 'xsens', axes: ['ax', 'gz'] }));
  recorder.push(Buffer.concat([usual, usual, turned, turned, usual]));
  assert.deepEqual(
    recorder.events,
    Array.from({ length: 5 }, () => [1, 128]),
  );
});
