import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ModbusDecoder, type ModbusOptions } from '#src/sensor/decoders/modbus/modbus-decoder.js';
import { decoders } from '#src/sensor/decoders/registry.js';
import { bytesOf } from '../frame-cases.js';
import { assertReadHoweverCut, DecoderRecorder, type DecodedEvent } from '../recorder.js';

const axes = ['x', 'y', 'z'];
const int16 = (address: number) => ({ address, type: 'int16', wordOrder: 'big' }) as const;

/** WT901C485: acceleration in 0x34 to 0x36, counts at 16 g. */
const witmotion: ModbusOptions = {
  axes,
  slave: 0x50,
  function: 3,
  registers: { x: int16(0x34), y: int16(0x35), z: int16(0x36) },
  answerTimeoutMs: 300,
  turnaroundMs: 5,
};
const answer = bytesOf('50 03 06 00 00 00 00 08 00 d7 26');
const row = [0, 0, 2048];

/** The decoder, asked and waiting. */
function asked(options: Partial<ModbusOptions> = {}): ModbusDecoder {
  const decoder = new ModbusDecoder({ ...witmotion, ...options });
  decoder.request();
  return decoder;
}

/** Returns what is read of an input register's answer by slave 1. */
function read(
  hex: string,
  registers: ModbusOptions['registers'],
  names: readonly string[],
): DecodedEvent[] {
  const decoder = asked({ axes: names, slave: 1, function: 4, registers });
  return new DecoderRecorder(decoder).push(bytesOf(hex)).events;
}

/** Gives up the answer where none came, as the poller does. */
function giveUp({ decoder, events }: DecoderRecorder<ModbusDecoder>): void {
  if (decoder.isWaiting) {
    decoder.giveUp({ rows: () => {}, lost: () => events.push('lost') });
  }
}

describe('modbus', () => {
  test('asks and reads as in the manuals of WitMotion and of the protocol', () => {
    const decoder = new ModbusDecoder(witmotion);
    assert.deepEqual(decoder.request(), new Uint8Array(bytesOf('50 03 00 34 00 03 49 84')));
    const recorder = new DecoderRecorder(decoder).push(answer);
    assert.deepEqual([recorder.events, decoder.isWaiting], [[row], false]);
    assert.deepEqual(recorder.counted, { rows: 1, requests: 1 });
    const other = new ModbusDecoder({
      ...witmotion,
      slave: 17,
      registers: { x: int16(0x6b), y: int16(0x6c), z: int16(0x6d) },
    });
    assert.deepEqual(other.request(), new Uint8Array(bytesOf('11 03 00 6b 00 03 76 87')));
    const spec = new DecoderRecorder(other).push(bytesOf('11 03 06 02 2b 00 00 00 64 c8 ba'));
    assert.deepEqual(spec.events, [[555, 0, 100]]);
  });

  test('reads numbers of two registers in either order, in one request of all registers', () => {
    const float = { type: 'float32', wordOrder: 'big' } as const;
    const big = {
      x: { ...float, address: 10 },
      y: { address: 12, type: 'uint32', wordOrder: 'big' },
    } as const;
    assert.deepEqual(read('01 04 08 c1 1c f5 c3 00 01 11 70 38 90', big, ['y', 'x']), [
      [70_000, Math.fround(-9.81)],
    ]);
    const mixed = {
      x: { ...float, address: 0 },
      y: { address: 2, type: 'float32', wordOrder: 'little' },
      z: { address: 4, type: 'int32', wordOrder: 'little' },
    } as const;
    assert.deepEqual(read('01 04 0c c1 1c f5 c3 f5 c3 c1 1c ee 90 ff fe 59 92', mixed, axes), [
      [Math.fround(-9.81), Math.fround(-9.81), -70_000],
    ]);
    assert.deepEqual(read('01 04 04 7f c0 00 00 e2 6c', { x: { ...float, address: 0 } }, ['x']), [
      'lost',
    ]);
  });

  test('passes over noise, an echo of the request and other slaves, however cut', () => {
    const noise = bytesOf('00 ff 50 03 07 50');
    const echo = bytesOf('50 03 00 34 00 03 49 84');
    const otherSlave = bytesOf('51 03 06 00 00 00 00 08 00 da b6');
    const bytes = Buffer.concat([noise, echo, otherSlave, answer, noise]);
    assertReadHoweverCut(() => asked(), bytes);
    const recorder = new DecoderRecorder(asked()).push(bytes);
    assert.deepEqual(recorder.events, [row]);
    // The last byte of the noise behind could begin an answer.
    assert.deepEqual(recorder.counted, {
      rows: 1,
      requests: 1,
      otherSlaves: 1,
      skippedBytes: 2 * noise.length + echo.length - 1,
    });
  });

  test('loses one row with any flipped bit, any byte that is missing and any cut, and no other', () => {
    const damaged = [
      ...Array.from({ length: 8 * answer.length }, (_, bit) =>
        Uint8Array.from(answer, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      ),
      ...Array.from(answer, (_, at) => Uint8Array.from(answer.filter((__, n) => n !== at))),
      ...Array.from(answer, (_, at) => Uint8Array.from(answer.subarray(0, at))),
    ];
    for (const [n, bytes] of damaged.entries()) {
      const recorder = new DecoderRecorder(asked()).push(bytes);
      giveUp(recorder);
      recorder.decoder.request();
      recorder.push(answer);
      assert.deepEqual(
        recorder.events,
        ['lost', row],
        `damage ${n}: ${Buffer.from(bytes).toString('hex')}`,
      );
      const { rows, noAnswer, badChecksum, requests } = recorder.decoder.counters;
      assert.deepEqual([rows, noAnswer + badChecksum, requests], [1, 1, 2]);
    }
  });

  test('names exceptions, and loses their row', () => {
    const recorder = new DecoderRecorder(asked()).push(bytesOf('50 83 02 91 20'));
    assert.deepEqual([recorder.events, recorder.decoder.isWaiting], [['lost'], false]);
    assert.equal(recorder.counted['exceptions'], 1);
    assert.match(
      recorder.decoder.rejection ?? '',
      /slave 80 answers with exception 2, illegal data address/,
    );
    assert.match(recorder.decoder.diagnose(bytesOf('50 83')).cause, /illegal data address/);
  });

  test('takes no late answer for that of the next request, and says what to raise', () => {
    const recorder = new DecoderRecorder(asked());
    recorder.push(answer.subarray(0, 4));
    giveUp(recorder);
    assert.match(
      recorder.decoder.rejection ?? '',
      /did not answer within 300 ms: look at sensor\.slave/,
    );
    recorder.push(answer);
    recorder.decoder.request();
    giveUp(recorder);
    assert.deepEqual(recorder.events, ['lost', 'lost']);
    assert.match(recorder.decoder.rejection ?? '', /1 answers came too late.*answerTimeoutMs/);
    assert.deepEqual(recorder.counted, {
      requests: 2,
      noAnswer: 2,
      lateAnswers: 1,
      skippedBytes: 4,
    });
    // What came of an answer before the next request is no part of its answer.
    recorder.push(answer.subarray(0, 5));
    recorder.decoder.request();
    recorder.push(answer);
    assert.deepEqual(recorder.events.slice(2), [row]);
  });

  test('counts the answer that an opening cut off', () => {
    const recorder = new DecoderRecorder(asked()).push(answer.subarray(0, 6));
    recorder.decoder.reset();
    assert.deepEqual(
      [recorder.decoder.isWaiting, recorder.counted],
      [false, { requests: 1, noAnswer: 1, skippedBytes: 6 }],
    );
  });

  test('refuses a map that does not fit the axes or one answer', () => {
    const definition = decoders.find(({ name }) => name === 'modbus');
    const fault = (registers: object): string =>
      definition?.faults({ axes: ['x', 'y'], registers } as never)[0]?.message ?? '';
    assert.match(fault({ x: { address: 1 } }), /no register for axis y: write "y: \{ address/);
    assert.match(
      fault({ x: { address: 1 }, y: { address: 2 }, w: { address: 3 } }),
      /"w" is no axis/,
    );
    assert.match(
      fault({ x: { address: 0 }, y: { address: 125 } }),
      /these span 126, from 0 to 125/,
    );
    assert.match(
      fault({ x: { address: 0xffff }, y: { address: 0xffff, type: 'int32' } }),
      /last register is 0xffff/,
    );
    assert.equal(fault({ x: { address: 0 }, y: { address: 123, type: 'float32' } }), '');
  });
});
