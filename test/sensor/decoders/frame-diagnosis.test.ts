import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoderNameOf, encoders } from '#src/simulator/encoders/registry.js';
import { misread } from '#src/simulator/faults/uart.js';
import { seededRandom } from '../../support/random.js';
import { decoderOf } from './frame-cases.js';
import { DecoderRecorder } from './recorder.js';

const axes = ['x', 'y', 'z'];
const framed = ['witmotion', 'witmotion:long', 'vectornav:binary', 'xsens', 'cobs', 'binary'];

/** Returns what is said of the last bytes of those that gave no row, or few by chance. */
function causeOf(section: Parameters<typeof decoderOf>[0], bytes: Uint8Array): string {
  const { decoder, counted } = new DecoderRecorder(decoderOf(section)).push(bytes);
  assert.ok((counted['rows'] ?? 0) < 3, JSON.stringify(counted));
  return decoder.diagnose(bytes.subarray(-256)).cause;
}

for (const name of framed) {
  const encoder = encoders.find((each) => each.name === name);
  assert.ok(encoder);
  const section = { ...encoder.options(axes), decoder: decoderNameOf(encoder), axes };
  test(`${name}: noise and another baud rate are told as that, and not as checksums`, () => {
    const random = seededRandom(9);
    const noise = Uint8Array.from({ length: 20_000 }, () => Math.floor(256 * random()));
    assert.match(causeOf(section, noise), /another baud rate.*lstmd detect PORT/);

    const encode = encoder.create(axes.length);
    const frames = Array.from({ length: 400 }, (_, n) =>
      Uint8Array.from(encode(Float32Array.of(Math.sin(n), n % 7, 1))),
    );
    for (const heardBaud of [9600, 57_600, 230_400]) {
      const heard = misread(Buffer.concat(frames), 115_200, heardBaud, 'keep');
      const cause = causeOf(section, heard);
      assert.match(cause, /another baud rate.*lstmd detect PORT/, `heard at ${heardBaud}`);
    }
  });
}

test('frames that are others than the configuration describes are told as that', () => {
  const encode = encoders.find(({ name }) => name === 'binary')?.create(3);
  const frames = Array.from({ length: 100 }, (_, n) =>
    Uint8Array.from(encode?.(Float32Array.of(n, 2, 3)) ?? []),
  );
  const section = {
    decoder: 'binary',
    sync: 'aa 55',
    frame: ['u16 n', 'i16 x', 'i16 y', 'i16 z'],
    endian: 'little',
    checksum: 'crc16-ccitt',
    checksumFrom: 'sync',
  };
  assert.match(
    causeOf(section, Buffer.concat(frames)),
    /cut as frames .*another checksum.*describes/,
  );

  const wide = encoders.find(({ name }) => name === 'cobs')?.create(4);
  const others = Array.from({ length: 100 }, (_, n) =>
    Uint8Array.from(wide?.(Float32Array.of(n, 2, 3, 4)) ?? []),
  );
  assert.match(
    causeOf({ decoder: 'cobs' }, Buffer.concat(others)),
    /another length than 3 readings need.*describes/,
  );
});
