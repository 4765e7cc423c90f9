import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { xsens } from '#src/simulator/encoders/xsens.js';
import { assertFindsItsWay, bytesOf, decoderOf, rounded } from '../frame-cases.js';
import { DecoderRecorder } from '../recorder.js';

/** MTData2 with the packet counter 7 and 1 g upwards. */
const golden = bytesOf(
  'FA FF 36 14 10 20 02 00 07 40 20 0C 00 00 00 00 00 00 00 00 41 1C F5 C3 FD',
);
const section = { decoder: 'xsens' };

/** A message of the data, with its checksum. */
function message(mid: number, data: string): Buffer {
  const body = bytesOf(data);
  const bytes = Buffer.concat([
    bytesOf('FA FF'),
    Buffer.from([mid, body.length]),
    body,
    Buffer.alloc(1),
  ]);
  bytes[bytes.length - 1] = -bytes.subarray(1).reduce((sum, byte) => sum + byte, 0);
  return bytes;
}

describe('xsens', () => {
  test('reads the golden message, with its counter and in m/s2', () => {
    const recorder = new DecoderRecorder(decoderOf(section)).push(golden);
    assert.deepEqual(rounded(recorder.events), [[0, 0, 9.81]]);
    assert.deepEqual(recorder.counts, [7]);
    assert.deepEqual(recorder.decoder.units, ['m/s2', 'm/s2', 'm/s2']);
    assert.deepEqual(recorder.decoder.deviceClock.counter, { modulus: 65_536 });
  });

  test('finds its way', () => {
    const encode = xsens.create(3);
    const frames = Array.from({ length: 4 }, (_, n) =>
      Uint8Array.from(encode(Float32Array.of(n, -n, 9.5))),
    );
    assertFindsItsWay(() => decoderOf(section), frames);
  });

  test('reads every precision, in any frame of coordinates', () => {
    // 1.5, -2 and 0.25 as fixed 12.20, fixed 16.32 (the fraction first) and float64.
    const fixed20 = '40 25 0C 00180000 FFE00000 00040000';
    const fixed32 = '40 2A 12 800000000001 00000000FFFE 400000000000';
    const double = '40 23 18 3FF8000000000000 C000000000000000 3FD0000000000000';
    for (const packet of [fixed20, fixed32, double]) {
      const recorder = new DecoderRecorder(decoderOf(section)).push(message(0x36, packet));
      assert.deepEqual(recorder.events, [[1.5, -2, 0.25]], packet);
      assert.deepEqual(recorder.counts, [Number.NaN]);
    }
  });

  test('reads a length of two bytes, and waits for none that no sensor has', () => {
    const data = bytesOf('40 20 0C 3F800000 40000000 40400000');
    const head = bytesOf('FA FF 36 FF 00 0F');
    const bytes = Buffer.concat([head, data, Buffer.alloc(1)]);
    bytes[bytes.length - 1] = -bytes.subarray(1).reduce((sum, byte) => sum + byte, 0);
    const recorder = new DecoderRecorder(decoderOf(section));
    recorder.push(Buffer.concat([bytesOf('FA FF 36 FF FF F0'), bytes]));
    assert.deepEqual(recorder.events, [[1, 2, 3]]);
  });

  test('names the packet that its messages lack, and a sensor that is being configured', () => {
    const lacking = new DecoderRecorder(decoderOf({ ...section, axes: ['gx', 'gy', 'gz'] })).push(
      golden,
    );
    assert.deepEqual(lacking.events, []);
    assert.equal(lacking.counted['otherFrames'], 1);
    assert.match(
      lacking.decoder.diagnose(golden).cause,
      /lacks a packet .*8020.*output configuration/,
    );
    const acknowledged = bytesOf('FA FF 31 00 D0');
    const configured = new DecoderRecorder(decoderOf(section)).push(acknowledged);
    assert.match(configured.decoder.diagnose(acknowledged).cause, /not in measurement mode/);
  });
});
