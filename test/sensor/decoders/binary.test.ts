import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decoders } from '#src/sensor/decoders/registry.js';
import { crc16Ccitt, crc16Modbus } from '#src/sensor/decoders/frames/checksums.js';
import { assertFindsItsWay, bytesOf, decoderOf } from './frame-cases.js';
import { DecoderRecorder } from './recorder.js';

const section = {
  decoder: 'binary',
  sync: 'aa 55',
  frame: ['u8 counter', 'i16 x', 'i16 y', 'i16 z'],
};
const check = Buffer.from('123456789');

function withSum(hex: string): Uint8Array {
  const bytes = bytesOf(hex);
  return Buffer.concat([bytes, Buffer.from([bytes.reduce((sum, byte) => sum + byte, 0) & 0xff])]);
}

describe('binary', () => {
  test('has the checksums of their catalogue', () => {
    assert.equal(crc16Modbus(check, 0, 9), 0x4b37);
    assert.equal(crc16Ccitt(check, 0, 9, 0xffff), 0x29b1);
    assert.equal(crc16Ccitt(check, 0, 9, 0), 0x31c3);
  });

  test('reads numbers of every type and either order of bytes', () => {
    const frame = [
      'i8 a',
      'u8 b',
      'skip 1',
      'i16 c',
      'u16 d',
      'i24 e',
      'u24 f',
      'i32 g',
      'u32 h',
      'f32 i',
      'f64 j',
    ];
    const axes = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    const little =
      'aa55 ff fe 77 feff feff feffff feffff feffffff 00000080 0000c03f 000000000000f83f';
    const big = 'aa55 ff fe 77 fffe fffe fffffe fffffe fffffffe 80000000 3fc00000 3ff8000000000000';
    const expected = [-1, 254, -2, 65534, -2, 16777214, -2, 2147483648, 1.5, 1.5];
    for (const [endian, hex] of [
      ['little', little],
      ['big', big],
    ] as const) {
      const bytes = Buffer.concat([withSum(hex), withSum(hex)]);
      const options = { ...section, frame, axes, endian, checksum: 'sum8' };
      assert.deepEqual(
        new DecoderRecorder(decoderOf(options)).push(bytes).events,
        [expected, expected],
        endian,
      );
    }
  });

  test('finds its way by each checksum, which may begin behind the sync bytes', () => {
    for (const checksum of ['sum8', 'xor8', 'crc16-modbus', 'crc16-ccitt', 'crc16-xmodem']) {
      for (const checksumFrom of ['sync', 'fields']) {
        const options = { ...section, checksum, checksumFrom };
        const frames = [1, 2, 3, 4].map((n) => framed(checksum, checksumFrom, n));
        assertFindsItsWay(() => decoderOf(options), frames);
      }
    }
  });

  test('without a checksum locks on three frames, and takes none that another does not follow', () => {
    const frames = [1, 2, 3, 4].map((n) => bytesOf(`aa55 0${n} 0${n}00 0200 0300`));
    const recorder = new DecoderRecorder(decoderOf(section));
    recorder.push(Buffer.concat([bytesOf('aa 55 01 02'), ...frames]));
    assert.deepEqual(recorder.events, [
      [1, 2, 3],
      [2, 2, 3],
      [3, 2, 3],
    ]);
    recorder.push(bytesOf('aa55 05 0500 0200')).push(Buffer.concat(frames));
    assert.deepEqual(recorder.events.slice(3), [
      [4, 2, 3],
      'lost',
      [1, 2, 3],
      [2, 2, 3],
      [3, 2, 3],
    ]);
    assert.deepEqual(recorder.counts, [1, 2, 3, 4, 1, 2, 3]);
  });

  test('gives the time of the sensor in ms', () => {
    const options = { ...section, frame: ['u32 timeUs', 'i16 x'], axes: ['x'], checksum: 'sum8' };
    const recorder = new DecoderRecorder(decoderOf(options)).push(withSum('aa55 e8030000 0700'));
    assert.deepEqual([recorder.events, recorder.timesMs], [[[7]], [1]]);
    assert.deepEqual(recorder.decoder.deviceClock.time?.wrapMs, 4_294_967.296);
  });

  test('is refused where the description is none', () => {
    const definition = decoders.find(({ name }) => name === 'binary');
    const faults = (frame: string[]): string =>
      definition?.faults({ ...section, axes: ['x', 'y', 'z'], frame } as never)[0]?.message ?? '';
    assert.match(faults(['i16 x', 'word y', 'i16 z']), /"word y" is no field: .*"i16 x".*u24/);
    assert.match(faults(['i16 x', 'i16 y']), /no field for axis z; it has x, y/);
    assert.match(faults(['i16 x', 'i16 y', 'i16 z', 'skip 999', 'skip 999']), /longer than 1,024/);
    assert.equal(faults(['i16 x', 'i16 y', 'i16 z']), '');
  });
});

/** A frame with its checksum, big enough to hold all that the description says. */
function framed(checksum: string, from: string, n: number): Uint8Array {
  const body = bytesOf(`aa55 0${n} 0${n}00 feff 2a01`);
  const covered = from === 'sync' ? body : body.subarray(2);
  const sums: Record<string, number> = {
    sum8: covered.reduce((sum, byte) => sum + byte, 0) & 0xff,
    xor8: covered.reduce((sum, byte) => sum ^ byte, 0),
    'crc16-modbus': crc16Modbus(covered, 0, covered.length),
    'crc16-ccitt': crc16Ccitt(covered, 0, covered.length, 0xffff),
    'crc16-xmodem': crc16Ccitt(covered, 0, covered.length, 0),
  };
  const sum = sums[checksum] ?? 0;
  const bytes = checksum.startsWith('crc') ? [sum & 0xff, sum >> 8] : [sum];
  return Buffer.concat([body, Buffer.from(bytes)]);
}
