import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { vectornav, vectornavBinary } from '#src/simulator/encoders/vectornav.js';
import { needsShared, sharedData } from '../../../support/shared-data.js';
import { assertFindsItsWay, bytesOf, decoderOf, rounded } from '../frame-cases.js';
import { assertReadHoweverCut, DecoderRecorder } from '../recorder.js';

const section = { decoder: 'vectornav' };
const text = (line: string): Uint8Array => Buffer.from(`${line}\r\n`, 'latin1');
/** The manual's example, and one second after the start at rest. */
const ascii = text('$VNACC,+00.013,+00.354,-09.801*46');
const golden = bytesOf(
  'FA 01 01 01 00 CA 9A 3B 00 00 00 00 00 00 00 00 00 00 00 00 C3 F5 1C C1 9D E9',
);
const captureName = 'vn100/F00294';
const capture = sharedData(captureName);

/** A row as the author printed it. */
function shown(row: readonly number[]): string {
  return row.map((value) => value.toExponential(6)).join();
}

describe('vectornav', () => {
  test('reads the golden messages in both forms', () => {
    const recorder = new DecoderRecorder(decoderOf(section)).push(ascii).push(golden);
    assert.deepEqual(rounded(recorder.events, 3), [
      [0.013, 0.354, -9.801],
      [0, 0, -9.81],
    ]);
    assert.deepEqual(recorder.timesMs, [Number.NaN, 1000]);
    assert.deepEqual(recorder.decoder.units, ['m/s2', 'm/s2', 'm/s2']);
  });

  test('finds its way', () => {
    for (const { create } of [vectornav, vectornavBinary]) {
      const encode = create(3);
      const frames = [1, 2, 3, 4].map((n) => Uint8Array.from(encode(Float32Array.of(n, -n, 9.5))));
      const hasEnds = frames[0]?.[0] === 0x24;
      if (hasEnds) {
        // Line ends belong to no message, so that a flipped one of them costs the message before.
        const lines = frames.map((frame) => frame.subarray(0, -1));
        assertReadHoweverCut(() => decoderOf(section), Buffer.concat(lines));
      } else {
        assertFindsItsWay(() => decoderOf(section), frames);
      }
    }
  });

  test('holds the CRC of four digits, and takes XX for none', () => {
    // CRC-16 XMODEM of VNACC,+00.013,+00.354,-09.801.
    const lines = ['$VNACC,+00.013,+00.354,-09.801*XX', '$VNACC,+00.013,+00.354,-09.801*0000'];
    const recorder = new DecoderRecorder(decoderOf(section));
    for (const line of lines) {
      recorder.push(text(line));
    }
    assert.deepEqual(rounded(recorder.events, 3), [[0.013, 0.354, -9.801], 'lost']);
    assert.equal(recorder.counted['badChecksum'], 1);
  });

  test('takes the fields of each message by its name, and passes over further ones', () => {
    const imu = '$VNIMU,-1,-2,-3,+1,+2,+3,+4,+5,+6,+20.5,+101.3,99*XX';
    const decoder = decoderOf({ ...section, axes: ['ax', 'ay', 'az', 'gx', 'gy', 'gz'] });
    const recorder = new DecoderRecorder(decoder).push(text(imu)).push(ascii);
    assert.deepEqual(recorder.events, [[1, 2, 3, 4, 5, 6]]);
    assert.equal(recorder.counted['otherFrames'], 1);
    const cut = new DecoderRecorder(decoderOf(section)).push(text('$VNACC,+1,+2*XX'));
    assert.deepEqual(cut.events, ['lost']);
    const acceleration = new DecoderRecorder(decoderOf({ ...section, messages: 'binary' })).push(
      ascii,
    );
    assert.deepEqual(acceleration.events, []);
  });

  test('says what to switch on when the messages lack the axes', () => {
    const ypr = text('$VNYPR,+1,+2,+3*XX');
    const recorder = new DecoderRecorder(decoderOf(section)).push(ypr);
    assert.match(recorder.decoder.diagnose(ypr).cause, /sends VNYPR.*register 6.*VNACC, VNMAR/);
    const error = text('$VNERR,03*XX');
    const failed = new DecoderRecorder(decoderOf(section)).push(error);
    assert.match(failed.decoder.diagnose(error).cause, /VNERR/);
  });

  test('waits for no length that it does not know', () => {
    const unknown = bytesOf('FA 01 00 80 00 00 FA C0 01 00');
    const recorder = new DecoderRecorder(decoderOf(section)).push(Buffer.concat([unknown, golden]));
    assert.deepEqual(rounded(recorder.events, 2), [[0, 0, -9.81]]);
    assert.equal(recorder.counted['skippedBytes'], unknown.length);
  });

  test(
    'reads a capture of a VN-100 among NMEA and text as its author did',
    { skip: needsShared(captureName) },
    () => {
      const bytes = readFileSync(capture);
      const decoder = decoderOf({
        ...section,
        axes: ['mx', 'my', 'mz', 'ax', 'ay', 'az', 'gx', 'gy', 'gz'],
      });
      const recorder = new DecoderRecorder(decoder).push(bytes);
      const rows = recorder.events.filter((event) => event !== 'lost');
      const expected = readFileSync(`${capture}_B`, 'latin1')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) =>
          line
            .split(',')
            .slice(0, 9)
            .map((field) => Number(field)),
        );
      assert.equal(rows.length, 99);
      assert.equal(recorder.counted['otherFrames'], 21);
      // The author's program passed over one more frame, whose CRC is good.
      assert.equal(expected.length, 98);
      const missing = rows.map(shown).filter((row) => !expected.map(shown).includes(row));
      assert.equal(missing.length, 1);
      assert.deepEqual(
        rows.map(shown).filter((row) => !missing.includes(row)),
        expected.map(shown),
      );
      const step = bytes.subarray(0, 1200);
      assertReadHoweverCut(() => decoderOf(section), step);
    },
  );
});
